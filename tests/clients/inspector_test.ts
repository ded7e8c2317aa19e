import assert from "node:assert/strict";
import { fail } from "../mcp/fixture_tools.ts";
import { serveTools } from "../mcp/served.ts";
import { at } from "../mcp/wire.ts";
import { serveRecorded } from "./recorder.ts";

const INSPECTOR = "@modelcontextprotocol/inspector@2.12.0";

async function hasNpx(): Promise<boolean> {
  try {
    return (await new Deno.Command("npx", { args: ["--version"], stdout: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

const isMissing = !await hasNpx();

function define(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: isMissing ? `${name} (ignored: no npx)` : name, ignore: isMissing, fn });
}

async function inspect(url: string, era: string, ...args: string[]) {
  const { code, stdout } = await new Deno.Command("npx", {
    args: ["-y", INSPECTOR, "--cli", url, "--transport", "http", "--protocol-era", era, ...args],
    stdin: "null",
    stderr: "null",
  }).output();
  return { code, output: JSON.parse(new TextDecoder().decode(stdout)) };
}

for (
  const [era, version] of [
    ["modern", "2026-07-28"],
    ["legacy", "2025-11-25"],
    ["auto", "2026-07-28"],
  ] as const
) {
  define(`the Inspector, ${era}, speaks ${version}`, async () => {
    await using recorder = serveRecorded();
    const { code, output } = await inspect(recorder.url, era, "--method", "tools/list");
    assert.equal(code, 0);
    assert.equal(at(output, "tools", 0, "name"), "echo");
    assert.equal(recorder.versions.at(-1), version);
  });
}

define("the Inspector exits with 5 for a tool that failed", async () => {
  await using served = serveTools([fail]);
  const call = ["--method", "tools/call", "--tool-name", "fail"];
  const { code, output } = await inspect(served.url, "modern", ...call);
  assert.equal(code, 5);
  assert.equal(at(output, "isError"), true);
});
