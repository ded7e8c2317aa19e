import { type Bench, inTurns, type Section } from "../bench.ts";
import { findProgram, type RunningProgram, untilReady } from "../programs.ts";
import { launchBareProxy, launchHub, launchLuaHub, startBackend } from "../servers.ts";
import { measure } from "../statistics.ts";
import type { Table } from "../table.ts";
import { callOnce, type ToolCall } from "../tool_request.ts";

const LIMIT_MS = 300;

/** From the start of the process to its first answered call. */
export const start: Section = { name: "start", run: runStart };

interface Start {
  readonly name: string;
  readonly launch: () => RunningProgram | Promise<RunningProgram>;
  readonly call: Omit<ToolCall, "port">;
}

async function runStart(bench: Bench): Promise<Table[]> {
  await using backend = await startBackend(bench);
  const hosts = [{ name: "host0", port: backend.port }];
  const remote = { tool: "remote_shell", args: { host: "host0", command: "true" } };
  const hub = { name: "hub", launch: () => launchHub({ hosts }, bench), call: remote };
  const starts: Start[] = [hub, {
    name: "bare proxy",
    launch: () => launchBareProxy(backend, bench),
    call: { tool: "shell", args: { command: "true" } },
  }];
  const program = await findProgram("lua");
  const file = bench.options.luaFile;
  if (program !== null && file !== null) {
    const launch = () => launchLuaHub({ program, file }, hosts, bench);
    starts.push({ name: "Lua hub", launch, call: remote });
  }
  // The first start fills Deno's caches, which should not be measured.
  await firstAnswerMs(hub, bench);
  const samples = await inTurns(bench, starts, (row) => firstAnswerMs(row, bench));
  return [{
    title: "First answer after the start",
    columns: ["program", "ms"],
    rows: [...samples].map(([{ name }, taken]) => [name, measure(taken)]),
    targets: [{
      name: "ms to the hub's first answer",
      measured: measure(samples.get(hub) ?? []),
      sense: "at most",
      limit: LIMIT_MS,
    }],
    notes: file === null ? ["no Lua hub: --lua names none"] : [],
  }];
}

async function firstAnswerMs({ launch, call }: Start, bench: Bench): Promise<number> {
  const startedAt = performance.now();
  await using program = await untilReady(await launch(), bench);
  await callOnce({ ...call, port: program.port });
  return performance.now() - startedAt;
}
