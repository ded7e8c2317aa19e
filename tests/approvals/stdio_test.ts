import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoEnv } from "../deno_env.ts";
import { runProgram, temporaryFile } from "../e2e/program.ts";
import { at } from "../mcp/wire.ts";
import { until } from "../processes.ts";
import { idIn } from "./fleet.ts";

const REGISTRY = `
[hosts.one]
ssh_host = "one.invalid"
[[confirm]]
hosts = ["one"]
`;
/** Closing the SDK's stdio transport leaves the timer that would kill the server. */
const LEAVES_TIMER = { sanitizeOps: false, sanitizeResources: false };

Deno.test("hubs over stdio are all answered with the same flags", LEAVES_TIMER, async () => {
  await using registry = await temporaryFile("hosts.toml", REGISTRY);
  const directory = registry.path.slice(0, registry.path.lastIndexOf("/"));
  const env = { LMCP_HUB_CONTROL_DIR: `${directory}/c` };
  const start = async () => {
    const client = new Client({ name: "c", version: "1" }, {
      versionNegotiation: { mode: "auto" },
    });
    await client.connect(
      new StdioClientTransport({
        command: Deno.execPath(),
        args: [
          ...["run", "--quiet", "--no-prompt", "-P=hub", `--allow-write=${directory}`, "main.ts"],
          ...["--stdio", "--registry", registry.path],
        ],
        cwd: fileURLToPath(new URL("../..", import.meta.url)),
        env: { ...denoEnv(), ...env },
        stderr: "ignore",
      }),
    );
    return client;
  };
  const clients = await Promise.all([start(), start()]);
  const ids: string[] = [];
  for (const [number, client] of clients.entries()) {
    const args = { host: "one", command: `echo ${number}` };
    const result = await client.callTool({ name: "remote_shell", arguments: args });
    ids.push(idIn({ text: String(at(result, "content", 0, "text")) }));
  }
  const program = (...args: readonly string[]) => runProgram({ args, env, writes: directory });
  const { stdout } = await program("--approvals");
  assert.deepEqual([...stdout.matchAll(/^\w+(?= \()/gm)].map(([id]) => id), ids);
  for (const id of ids) assert.equal((await program("--approve", id)).code, 0);
  assert.equal((await program("--approve", ids[0] ?? "")).code, 1);
  assert.equal((await program("--deny", ids[0] ?? "")).code, 0);
  const named = async () =>
    (await Array.fromAsync(Deno.readDir(env.LMCP_HUB_CONTROL_DIR)))
      .filter(({ name }) => name.endsWith(".sock")).length;
  assert.equal(await named(), 2);
  for (const client of clients) await client.close();
  await until(async () => await named() === 0);
});
