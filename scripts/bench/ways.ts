import type { Bench } from "./bench.ts";
import { startNginx } from "./nginx.ts";
import { findProgram, type RunningProgram, untilReady } from "./programs.ts";
import { launchLuaHub, startBackend, startBareProxy, startHub } from "./servers.ts";
import type { ToolCall } from "./tool_request.ts";

const TOKEN = "a-token-of-the-bench-that-is-long-enough";
const HOST = "host0";

/** A way to the backend. */
export interface Way {
  readonly name: string;
  readonly call: ToolCall;
  /** The process that does the work; null: there are several. */
  readonly pid: number | null;
}

/** Opens all the ways that this machine has, and tells of the others. */
export async function openWays(
  bench: Bench,
  stack: AsyncDisposableStack,
): Promise<{ readonly ways: Way[]; readonly notes: string[] }> {
  const backend = stack.use(await startBackend(bench));
  const hosts = [{ name: HOST, port: backend.port }];
  const plain = (name: string, { port, pid }: RunningProgram): Way => ({
    name,
    call: { port, tool: "shell", args: { command: "true" } },
    pid,
  });
  const remote = (name: string, { port, pid }: RunningProgram, token?: string): Way => {
    const args = { host: HOST, command: "true" };
    const call = { port, tool: "remote_shell", args };
    return { name, call: token === undefined ? call : { ...call, token }, pid };
  };
  const notes: string[] = [];
  const ways = [
    plain("direct", backend),
    plain("bare", stack.use(await startBareProxy(backend, bench))),
    remote("hub", stack.use(await startHub({ hosts }, bench))),
    remote("hub, token", stack.use(await startHub({ hosts, token: TOKEN }, bench)), TOKEN),
  ];
  const nginx = await findProgram("nginx");
  if (nginx === null) notes.push("no nginx: it is not installed");
  else {
    const proxy = stack.use(await startNginx(nginx, backend, bench));
    ways.push({ ...plain("nginx", proxy), pid: null });
  }
  const lua = await findProgram("lua");
  const file = bench.options.luaFile;
  if (lua === null || file === null) notes.push("no Lua hub: --lua names none, or there is no lua");
  else {
    const hub = await untilReady(await launchLuaHub({ program: lua, file }, hosts, bench), bench);
    ways.push(remote("Lua hub", stack.use(hub)));
  }
  return { ways, notes };
}
