import assert from "node:assert/strict";
import { answerOf, send } from "../compile/exchange.ts";
import { programCommand, serve, type Served } from "../compile/program.ts";
import { request } from "../mcp/wire.ts";
import { CANARY, findCanaries } from "./canaries.ts";

/** A real agent with its shipped permissions, whose token is in its environment or in a file. */
interface RealAgent extends AsyncDisposable {
  readonly directory: string;
  readonly pid: number;
  readonly call: (tool: string, args: Record<string, unknown>) => Promise<string>;
}

async function startAgent(env: Readonly<Record<string, string>>): Promise<RealAgent> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  await Deno.writeTextFile(`${directory}/token`, CANARY.inbound, { mode: 0o600 });
  await Deno.writeTextFile(`${directory}/agent.conf`, `.godparticle = ${CANARY.inbound}\n`);
  const all = Object.entries(env).map(([name, value]) => [name, value.replace("DIR", directory)]);
  const served: Served = await serve(
    programCommand("agent", ["--port", "0"], { cwd: directory, env: Object.fromEntries(all) }),
  );
  const headers = { authorization: `Bearer ${CANARY.inbound}` };
  const call = async (name: string, args: Record<string, unknown>) => {
    const message = request(1, "tools/call", { name, arguments: args });
    return JSON.stringify(await answerOf(await send(served.url, message, headers)));
  };
  const parent = await call("shell", { command: "cat /proc/$PPID/status" });
  return {
    directory,
    pid: Number(/PPid:\\t(\d+)/.exec(parent)?.[1]),
    call,
    [Symbol.asyncDispose]: async () => {
      await served.stop();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

const WAYS: readonly (readonly [way: string, env: Readonly<Record<string, string>>])[] = [
  ["in its environment", { LMCP_TOKEN: CANARY.inbound }],
  ["in a file", { LMCP_TOKEN_FILE: "DIR/token" }],
  ["in a file that is named from where it starts", { LMCP_TOKEN_FILE: "token" }],
  ["in a legacy configuration", { LMCP_CONF: "DIR/agent.conf" }],
  ["in a file, with LMCP_ROOT", { LMCP_TOKEN_FILE: "DIR/token", LMCP_ROOT: "DIR" }],
];

for (const [way, env] of WAYS) {
  Deno.test({
    name: `agent: a client that may only read does not get its token, which is ${way}`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      await using agent = await startAgent(env);
      const { directory, pid } = agent;
      assert.ok(pid > 1);
      const paths = [
        `${directory}/token`,
        `${directory}/agent.conf`,
        "token",
        `/proc/${pid}/environ`,
        `/proc/${pid}/cwd/token`,
        `/proc/${pid}/root${directory}/token`,
        `/proc/${pid}/task/${pid}/environ`,
        "/proc/self/environ",
        "/proc/self/cwd/token",
        "/proc/thread-self/environ",
      ];
      for (const path of paths) {
        const answer = await agent.call("read_file", { path });
        assert.match(answer, /"isError":true/, path);
        assert.deepEqual(findCanaries(answer), [], path);
      }
    },
  });
}
