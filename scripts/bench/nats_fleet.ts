import { freePort } from "../../tests/free_port.ts";
import type { Bench } from "./bench.ts";
import { findProgram, type RunningProgram, startProgram } from "./programs.ts";
import { manyHosts } from "./registry.ts";
import { denoRun, startHub } from "./servers.ts";

/** Agents that one process serves. */
const AGENTS_A_PROCESS = 1_250;

/** Two hubs, and hosts that only NATS leads to. */
export interface NatsFleet extends AsyncDisposable {
  readonly hubs: readonly RunningProgram[];
}

/** Starts a nats-server, agents and hubs, each of them a program; null: no nats-server is installed. */
export async function openNatsFleet(count: number, bench: Bench): Promise<NatsFleet | null> {
  const program = await findProgram("nats-server");
  if (program === null) return null;
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await startBroker(program, bench));
  const starts = Array.from(
    { length: Math.ceil(count / AGENTS_A_PROCESS) },
    (_, at) => at * AGENTS_A_PROCESS,
  );
  const agents = await Promise.all(starts.map((from) => {
    const to = Math.min(count, from + AGENTS_A_PROCESS);
    return startAgents(broker, { from, to }, bench);
  }));
  for (const process of agents) stack.use(process);
  const hosts = manyHosts("host", count, []).map((host) => ({ ...host, nats: true }));
  const env = { LMCP_NATS_URL: `nats://127.0.0.1:${broker.port}` };
  const hubs = await Promise.all([
    startHub({ hosts, env }, bench),
    startHub({ hosts, env }, bench),
  ]);
  for (const hub of hubs) stack.use(hub);
  const owned = stack.move();
  return { hubs, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function startBroker(program: string, bench: Bench): Promise<RunningProgram> {
  const port = freePort();
  const store = await Deno.makeTempDir({ dir: bench.directory });
  const args = ["--addr", "127.0.0.1", "--port", String(port), "--jetstream", "--store_dir", store];
  return await startProgram({ program, args, port }, bench);
}

function startAgents(
  broker: RunningProgram,
  { from, to }: { readonly from: number; readonly to: number },
  bench: Bench,
): Promise<RunningProgram> {
  const port = freePort();
  const script = `${bench.root}scripts/bench/peers/nats_agents.ts`;
  const address = `127.0.0.1:${broker.port}`;
  const args = ["-P=agent", script, ...[port, address, from, to].map(String)];
  return startProgram(denoRun(args, { port }), bench);
}
