import { openSshFleet, type SshFleet } from "../peers/ssh_fleet.ts";
import { NO_SSHD } from "../peers/ssh_client.ts";
import { type Bench, inTurns, type Section, timeMs } from "../bench.ts";
import { manyHosts } from "../registry.ts";
import { startBackend, startHub } from "../servers.ts";
import { measure, measureRatio } from "../statistics.ts";
import type { Table, Target } from "../table.ts";
import { callBody, callHeaders, callOnce, type ToolCall } from "../tool_request.ts";

const LMCP_HOSTS = 1_000;
const SSH_HOSTS = 200;
const QUICK_HOSTS = 8;
/** Of the bare loop, and of the hub's run over lmcp. */
const AT_ONCE = 64;
/** About as many characters as `df -h` prints. */
const PRINTED = 600;

/** One command on many hosts. */
export const many: Section = { name: "many", run: runMany };

async function runMany(bench: Bench): Promise<Table[]> {
  return [await overLmcp(bench), await overSsh(bench)];
}

/** A way to run a command on all hosts. */
interface Row {
  readonly name: string;
  /** What it starts from; not measured. */
  readonly prepare: () => Promise<unknown>;
  readonly run: () => Promise<unknown>;
}

async function overLmcp(bench: Bench): Promise<Table> {
  const count = bench.options.isQuick ? QUICK_HOSTS : LMCP_HOSTS;
  await using backend = await startBackend(bench, 10);
  const hosts = manyHosts("host", count, backend.ports);
  await using hub = await startHub({ hosts }, bench);
  const ports = hosts.flatMap(({ port }) => port ?? []);
  const runOn = (targets: string, command = "true") =>
    callOnce(runCall(hub.port, targets, { parallel: AT_ONCE, command }));
  const rows = {
    bare: row("bare POSTs", nothing, () => postToAll(ports)),
    hub: row("hub", nothing, () => runOn("@all")),
  };
  // Makes the connections.
  for (const { run } of Object.values(rows)) await run();
  const samples = await inTurns(bench, Object.values(rows), sample);
  const of = (row: Row) => samples.get(row) ?? [];
  const print = `print ${PRINTED}`;
  const [all, one] = [await runOn("@all", print), await runOn("host0", print)];
  return {
    title: "One command on all lmcp hosts",
    columns: ["way", "ms"],
    rows: [...samples].map(([{ name }, taken]) => [name, measure(taken)]),
    targets: [
      atMost("ms, hub : bare POSTs", measureRatio(of(rows.hub), of(rows.bare)), 1.5),
      atMost(
        `characters where each prints ${PRINTED}, all hosts : one host`,
        measure([all.length / one.length]),
        1.1,
      ),
    ],
    notes: [`${count} hosts, ${AT_ONCE} at once`],
  };
}

async function overSsh(bench: Bench): Promise<Table> {
  const count = bench.options.isQuick ? QUICK_HOSTS : SSH_HOSTS;
  const title = "One command on all ssh hosts";
  await using fleet = await openSshFleet(count);
  if (fleet === null) return { title, columns: [], rows: [], targets: [], notes: [NO_SSHD] };
  const hosts = fleet.names.map((name) => ({ name, sshHost: name }));
  await using hub = await startHub({ hosts, env: fleet.hubEnv }, bench);
  const run = () =>
    callOnce(runCall(hub.port, "@all", { parallel: fleet.fanOut, command: "true" }));
  const cold = row("hub, cold", fleet.coolHub, run);
  const warm = row("hub, warm", run, run);
  const clush = row("clush", nothing, fleet.runClush);
  const ansible = row("ansible", fleet.coolAnsible, fleet.runAnsible);
  const peers = [...(fleet.hasClush ? [clush] : []), ...(fleet.hasAnsible ? [ansible] : [])];
  const samples = await inTurns(bench, [cold, warm, ...peers], sample);
  const of = (row: Row) => samples.get(row) ?? [];
  return {
    title,
    columns: ["way", "ms"],
    rows: [...samples].map(([{ name }, taken]) => [name, measure(taken)]),
    targets: peers.flatMap((peer) => [
      atMost(`ms, cold, hub : ${peer.name}`, measureRatio(of(cold), of(peer)), 0.8),
      atMost(`ms, warm, hub : ${peer.name}`, measureRatio(of(warm), of(peer)), 0.1),
    ]),
    notes: [`${count} names of one sshd, ${fleet.fanOut} at once`, ...missing(fleet)],
  };
}

function missing({ hasClush, hasAnsible }: SshFleet): string[] {
  return [
    ...(hasClush ? [] : ["clush is not installed (Debian: clustershell)"]),
    ...(hasAnsible ? [] : ["ansible is not installed (Debian: ansible-core)"]),
  ];
}

const nothing = async () => {};

function row(name: string, prepare: Row["prepare"], run: Row["run"]): Row {
  return { name, prepare, run };
}

async function sample({ prepare, run }: Row): Promise<number> {
  await prepare();
  return await timeMs(run);
}

function runCall(
  port: number,
  targets: string,
  args: { readonly parallel: number; readonly command: string },
): ToolCall {
  return { port, tool: "remote_run", args: { targets, ...args, wait: 0 } };
}

/** Calls the backends of all hosts, some at once, as a script would. */
async function postToAll(ports: readonly number[]): Promise<void> {
  const waiting = ports.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const port of waiting) {
      const call = { port, tool: "shell", args: { command: "true" } };
      const response = await fetch(`http://127.0.0.1:${port}/mcp`, {
        method: "POST",
        headers: callHeaders(call),
        body: callBody(call),
      });
      if (!response.ok) throw new Error(`A backend answered ${response.status}`);
      await response.text();
    }
  }));
}

function atMost(name: string, measured: Target["measured"], limit: number): Target {
  return { name, measured, sense: "at most", limit };
}
