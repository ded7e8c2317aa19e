import assert from "node:assert/strict";
import type { CallToolResult } from "../../../lib/mcp/tool.ts";
import { terminate } from "../../../scripts/dev/terminate.ts";
import { startAgent, type TestAgent } from "../agent.ts";

const RACE_MS = 3_000;
const LONGEST_MS = 30_000;

/** A process that exchanges two paths all the time. */
async function startExchange(first: string, second: string): Promise<AsyncDisposable> {
  const script = new URL("./exchange.ts", import.meta.url);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", script.pathname, first, second],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  return {
    [Symbol.asyncDispose]: async () => {
      terminate(child, "SIGKILL");
      await Promise.all([child.status, reader.cancel()]);
    },
  };
}

/** `data/sub`, a folder, is exchanged with `data/link`, which leads out of `data` to `outside`. */
async function startRace(options: Parameters<typeof startAgent>[0]): Promise<
  AsyncDisposable & { readonly agent: TestAgent; readonly outside: string }
> {
  const agent = await startAgent(options);
  const { directory } = agent;
  const outside = `${directory}/outside`;
  for (const path of [`${directory}/data/sub`, outside]) {
    await Deno.mkdir(path, { recursive: true });
  }
  await Deno.writeTextFile(`${directory}/data/sub/file`, "inside");
  await Deno.writeTextFile(`${directory}/data/sub/only-inside`, "");
  await Deno.writeTextFile(`${outside}/file`, "SECRET");
  await Deno.writeTextFile(`${outside}/only-outside`, "");
  await Deno.symlink("../outside", `${directory}/data/link`);
  const exchange = await startExchange(`${directory}/data/sub`, `${directory}/data/link`);
  return {
    agent,
    outside,
    [Symbol.asyncDispose]: async () => {
      await exchange[Symbol.asyncDispose]();
      await agent[Symbol.asyncDispose]();
    },
  };
}

/** Calls a tool again and again, four at once, until some calls went well and some did not. */
async function callOften(
  { call }: TestAgent,
  tool: string,
  args: (index: number) => Record<string, unknown>,
): Promise<CallToolResult[]> {
  const results: CallToolResult[] = [];
  const startedAt = performance.now();
  let index = 0;
  const isOver = () => {
    const tookMs = performance.now() - startedAt;
    if (tookMs < RACE_MS) return false;
    const kinds = new Set(results.map(({ isError }) => isError === true));
    return kinds.size === 2 || tookMs > LONGEST_MS;
  };
  const caller = async () => {
    while (!isOver()) results.push(await call(tool, args(index++)));
  };
  await Promise.all([caller(), caller(), caller(), caller()]);
  return results;
}

const MODES = { write_file: {}, write_bytes: { mode: "600" } } as const;

const LIMITS = [
  ["LMCP_ROOT", { root: "data" }, ""],
  ["LMCP_DENY_PATHS", { denyPaths: ["outside"] }, "data/"],
] as const;

for (const [limit, options, prefix] of LIMITS) {
  for (
    const tool of ["read_file", "read_part", "list_dir", "search_files", "search_text"] as const
  ) {
    // Names alone are no secret of LMCP_DENY_PATHS.
    if (limit === "LMCP_DENY_PATHS" && ["list_dir", "search_files"].includes(tool)) continue;
    Deno.test(`${limit}: ${tool} shows nothing from outside while folders are exchanged`, async () => {
      await using race = await startRace(options);
      const base = prefix === "" ? "" : `${race.agent.directory}/${prefix}`;
      const args = {
        read_file: { path: `${base}sub/file` },
        read_part: { path: `${base}sub/file`, offset: -1, follow: 1 },
        list_dir: { path: `${base}sub` },
        search_files: { path: `${base}sub`, pattern: "*" },
        search_text: { path: `${base}sub`, content: "SECRET|inside" },
      }[tool];
      const results = await callOften(race.agent, tool, () => args);
      const texts = results.map((result) => JSON.stringify(result));
      assert.equal(texts.filter((text) => /SECRET|only-outside/.test(text)).length, 0);
      assert.ok(texts.some((text) => !text.includes('"isError":true')));
      assert.ok(texts.some((text) => text.includes('"isError":true')));
    });
  }

  for (const tool of ["write_file", "write_bytes", "edit_file"] as const) {
    Deno.test(`${limit}: ${tool} changes nothing outside while folders are exchanged`, async () => {
      await using race = await startRace(options);
      const base = prefix === "" ? "" : `${race.agent.directory}/${prefix}`;
      const results = await callOften(
        race.agent,
        tool,
        (index) =>
          tool !== "edit_file"
            ? { path: `${base}sub/new-${index % 50}`, content: "leaked", ...MODES[tool] }
            : { path: `${base}sub/file`, old_string: "ins", new_string: "inss" },
      );
      assert.ok(results.some(({ isError }) => isError === true));
      assert.ok(results.some(({ isError }) => isError !== true));
      const names = await Array.fromAsync(Deno.readDir(race.outside), ({ name }) => name);
      assert.deepEqual(names.sort(), ["file", "only-outside"]);
      assert.equal(await Deno.readTextFile(`${race.outside}/file`), "SECRET");
    });
  }
}
