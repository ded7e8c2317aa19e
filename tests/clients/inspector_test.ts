import assert from "node:assert/strict";
import { fail } from "../mcp/fixture_tools.ts";
import { serveTools } from "../mcp/served.ts";
import { at } from "../mcp/wire.ts";
import { testWithNpm } from "./npm.ts";
import { PROGRAMS } from "./programs.ts";
import { serveRecorded } from "./recorder.ts";

const { name, version } = PROGRAMS.inspector;
const INSPECTOR = `${name}@${version}`;

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
  testWithNpm(`the Inspector, ${era}, speaks ${version}`, async () => {
    await using recorder = serveRecorded();
    const { code, output } = await inspect(recorder.url, era, "--method", "tools/list");
    assert.equal(code, 0);
    assert.equal(at(output, "tools", 0, "name"), "echo");
    assert.equal(recorder.versions.at(-1), version);
  });
}

testWithNpm("the Inspector exits with 5 for a tool that failed", async () => {
  await using served = serveTools([fail]);
  const call = ["--method", "tools/call", "--tool-name", "fail"];
  const { code, output } = await inspect(served.url, "modern", ...call);
  assert.equal(code, 5);
  assert.equal(at(output, "isError"), true);
});
