import { type Bench, pause, type Section } from "../bench.ts";
import { runLoad } from "../load.ts";
import { residentMb } from "../process_cost.ts";
import { startBackend, startHub } from "../servers.ts";
import { measure } from "../statistics.ts";
import type { Table } from "../table.ts";
import { callOnce, callRequest } from "../tool_request.ts";

const CALLS = 100_000;
const QUICK_CALLS = 1_000;
const CLIENTS = 8;
const SETTLE_MS = 1_000;
const IDLE_LIMIT_MB = 80;

/** The hub's resident memory, idle and after work. */
export const memory: Section = { name: "memory", run: runMemory };

async function runMemory(bench: Bench): Promise<Table[]> {
  await using backend = await startBackend(bench);
  await using hub = await startHub({ hosts: [{ name: "host0", port: backend.port }] }, bench);
  const args = { host: "host0", command: "true" };
  const call = { port: hub.port, tool: "remote_shell", args };
  const calls = bench.options.isQuick ? QUICK_CALLS : CALLS;

  await pause(SETTLE_MS, bench.signal);
  const idle = await residentMb(hub.pid);
  await callOnce(call);
  const afterOne = await residentMb(hub.pid);
  const requests = [callRequest(call)];
  const load = { port: hub.port, requests, connections: CLIENTS, signal: bench.signal };
  await runLoad({ ...load, calls: calls / 2 });
  const halfway = await residentMb(hub.pid);
  await runLoad({ ...load, calls: calls / 2 });
  await pause(SETTLE_MS, bench.signal);
  const after = await residentMb(hub.pid);
  const isMeasured = !Number.isNaN(idle);
  return [{
    title: "Resident memory of the hub",
    columns: ["when", "MB"],
    rows: [
      ["idle", idle],
      ["after 1 call", afterOne],
      [`after ${calls / 2} calls`, halfway],
      [`after ${calls} calls`, after],
    ],
    targets: isMeasured
      ? [{ name: "idle MB", measured: measure([idle]), sense: "at most", limit: IDLE_LIMIT_MB }]
      : [],
    notes: isMeasured ? [] : ["not measured: this system has no /proc"],
  }];
}
