import type { Bench } from "./bench.ts";
import { startNginx } from "./peers/nginx.ts";
import { findProgram, type RunningProgram, untilReady } from "./programs.ts";
import { manyHosts } from "./registry.ts";
import {
  type HubOptions,
  launchLuaHub,
  startBackend,
  startBareProxy,
  startHub,
} from "./servers.ts";
import type { ToolCall } from "./tool_request.ts";

const TOKEN = "a-token-of-the-bench-that-is-long-enough";
/** The hub runs 16 calls to a host at once: with fewer hosts, the bench would measure queues. */
const HOSTS = 4;

/** A way to the backend. */
export interface Way {
  readonly name: string;
  readonly port: number;
  /** Used in turns. */
  readonly calls: readonly ToolCall[];
  /** The process that does the work; null: there are several. */
  readonly pid: number | null;
}

/** Opens all the ways that this machine offers, and notes which are missing. */
export async function openWays(
  bench: Bench,
  stack: AsyncDisposableStack,
): Promise<{ readonly ways: Way[]; readonly notes: string[] }> {
  const backend = stack.use(await startBackend(bench));
  const hosts = manyHosts("host", HOSTS, backend.ports);
  const plain = (name: string, { port, pid }: RunningProgram): Way => ({
    name,
    port,
    calls: [{ port, tool: "shell", args: { command: "true" } }],
    pid,
  });
  const remote = (name: string, { port, pid }: RunningProgram, token?: string): Way => ({
    name,
    port,
    calls: hosts.map((host): ToolCall => {
      const args = { host: host.name, command: "true" };
      const call = { port, tool: "remote_shell", args };
      return token === undefined ? call : { ...call, token };
    }),
    pid,
  });
  const notes: string[] = [];
  const hub = stack.use(await startHub({ hosts }, bench));
  const ways = [
    plain("direct", backend),
    plain("bare", stack.use(await startBareProxy(backend, bench))),
    remote("hub", hub),
    toOneHost("hub, one host", remote("hub", hub)),
    ...bench.options.binary === null
      ? [remote("hub, audit file", stack.use(await startHub({ hosts, ...auditTo(bench) }, bench)))]
      : [],
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
    const luaHub = await untilReady(
      await launchLuaHub({ program: lua, file }, hosts, bench),
      bench,
    );
    ways.push(remote("Lua hub", stack.use(luaHub)));
  }
  return { ways, notes };
}

function auditTo({ directory }: Bench): Pick<HubOptions, "env" | "writes"> {
  return { env: { LMCP_HUB_AUDIT: `${directory}/audit.jsonl` }, writes: true };
}

function toOneHost(name: string, way: Way): Way {
  return { ...way, name, calls: way.calls.slice(0, 1) };
}
