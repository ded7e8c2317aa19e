import { type Bench, inTurns, type Section, timeMs } from "../bench.ts";
import { startHub } from "../servers.ts";
import { NO_SSHD, openSshLab, type SshLab } from "../peers/ssh_client.ts";
import { openSshServers } from "../peers/ssh_servers.ts";
import { measure, measureRatio } from "../statistics.ts";
import type { Table } from "../table.ts";
import { callOnce } from "../tool_request.ts";

/** Calls per sample. */
const CALLS = { cold: 3, warm: 15 };
/** How long a spare session may take to be ready. */
const SPARE_MS = 5_000;
const QUICK_CALLS = { cold: 1, warm: 2 };

/** What is in the login shell's `~/.bashrc`, by the title of the table. */
const LOGINS = {
  "A call over ssh": "",
  "A call over ssh, with a ~/.bashrc that takes 50 ms": "sleep 0.05\n",
};

/** A call over ssh through the hub, compared with ssh itself. */
export const ssh: Section = { name: "ssh", run: runSsh };

interface Row {
  readonly name: string;
  readonly calls: number;
  readonly prepare: () => Promise<unknown>;
  readonly call: () => Promise<unknown>;
}

async function runSsh(bench: Bench): Promise<Table[]> {
  const tables: Table[] = [];
  for (const [title, bashrc] of Object.entries(LOGINS)) {
    const home = await Deno.makeTempDir({ dir: bench.directory, prefix: "home-" });
    await Deno.writeTextFile(`${home}/.bashrc`, bashrc);
    tables.push(await runWithHome(title, home, bench));
  }
  return tables;
}

async function runWithHome(title: string, home: string, bench: Bench): Promise<Table> {
  await using lab = await openSshLab({ home });
  if (lab === null) return { title, columns: [], rows: [], targets: [], notes: [NO_SSHD] };
  const hosts = [{ name: "target", sshHost: "target" }];
  await using hub = await startHub({ hosts, env: lab.hubEnv }, bench);
  await using stack = new AsyncDisposableStack();
  const { servers, notes } = await openSshServers(lab.sshd, stack);
  const calls = bench.options.isQuick ? QUICK_CALLS : CALLS;
  const rows = describeRows(lab, hub.port, calls);
  const peers = servers.map(({ name, runTrue }) =>
    row(`${name}, warm`, calls.warm, runTrue, runTrue)
  );
  const all = [...Object.values(rows), ...peers];
  const samples = await inTurns(bench, all, (row) => sample(row, bench));
  const of = (row: Row) => samples.get(row) ?? [];
  return {
    title,
    columns: ["way", "ms"],
    rows: [...samples].map(([{ name }, taken]) => [name, measure(taken)]),
    targets: [{
      name: "ms of a warm call, hub : bare",
      measured: measureRatio(of(rows.hubWarm), of(rows.bareWarm)),
      sense: "at most",
      limit: 0.25,
    }],
    notes: ["hub, warm: it has a spare session ready", ...notes],
  };
}

function describeRows(lab: SshLab, port: number, calls: typeof CALLS) {
  const args = { host: "target", command: "true" };
  const callHub = () => callOnce({ port, tool: "remote_shell", args });
  const bareWarm = () => lab.run("true", { isMultiplexed: true });
  const bareCold = () => lab.run("true", { isMultiplexed: false });
  return {
    bareCold: row("bare ssh, cold", calls.cold, async () => {}, bareCold),
    hubCold: row("hub, cold", calls.cold, lab.coolHub, callHub),
    bareWarm: row("bare ssh, multiplexed", calls.warm, bareWarm, bareWarm),
    hubBehind: row("hub, right behind another call", calls.warm, callHub, callHub),
    hubWarm: row("hub, warm", calls.warm, async () => {
      await callHub();
      await untilSpare(port);
    }, callHub),
  };
}

/** Waits until the hub has a session ready. */
async function untilSpare(port: number): Promise<void> {
  const deadline = performance.now() + SPARE_MS;
  while (performance.now() < deadline) {
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    if (/^lmcp_hub_ssh_spares 1$/m.test(metrics)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("The hub has no spare session");
}

function row(
  name: string,
  calls: number,
  prepare: Row["prepare"],
  call: Row["call"],
): Row {
  return { name, calls, prepare, call };
}

async function sample({ calls, prepare, call }: Row, { signal }: Bench): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < calls; at++) {
    signal.throwIfAborted();
    await prepare();
    times.push(await timeMs(call));
  }
  return measure(times).median;
}
