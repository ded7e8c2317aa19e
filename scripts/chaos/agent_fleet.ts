import { Executions } from "../../tests/lab/executions.ts";
import { labHost } from "../../tests/lab/host.ts";
import { type Relay, startRelay, type Strike } from "../../tests/lab/relay.ts";
import { startAgentProcess } from "./agent_process.ts";
import type { ChaosFleet } from "./fleet.ts";
import { type Destination, openLocalSsh } from "./local_ssh.ts";
import type { Random } from "./random.ts";
import type { Restartable } from "./restartable.ts";

const AGENTS = 3;
const HOSTS = 12;
/** The share of calls that hit a fault, and of all other requests: settling is no safer. */
const FAULTY_CALLS = 0.4;
const FAULTY_OTHERS = 0.1;
const STRIKES: readonly Strike[] = ["lose request", "lose answer", "lose answer", "cut"];
/** How long a network stays cut, at most. */
const CUT_MS = 800;
const TIMEOUTS = { connectMs: 500, lmcpMs: 3_000, sshMs: 10_000, sshHardMs: 10_000 };
const DESTINATIONS: readonly Destination[] = ["works", "works", "refuses", "breaks"];

/** Real agents behind networks that fail at random, and a fake ssh to the same machine. */
export async function startAgentFleet(
  { random, directory, claims }: {
    readonly random: Random;
    /** For the agents' state, and the fake ssh. */
    readonly directory: string;
    /** Whether the agents can claim calls. */
    readonly claims: boolean;
  },
): Promise<ChaosFleet> {
  const stack = new AsyncDisposableStack();
  const agents: Restartable[] = [];
  for (let at = 0; at < AGENTS; at++) {
    // A folder cannot be made below a file.
    const state = claims ? `${directory}/state${at}` : "/dev/null/state";
    agents.push(stack.use(await startAgentProcess({ LMCP_STATE_DIR: state })));
  }
  const hosts = [];
  for (let at = 0; at < HOSTS; at++) {
    const agent = agents[at % AGENTS];
    if (agent === undefined) continue;
    const relay = stack.use(await startFaultyRelay(agent, random));
    hosts.push(labHost({
      name: `host${at}`,
      lmcpUrl: relay.url,
      sshHost: `${DESTINATIONS[at % DESTINATIONS.length]}${at}`,
      timeouts: TIMEOUTS,
    }));
  }
  const ssh = await openLocalSsh(directory, random);
  return {
    hosts,
    ssh,
    executions: new Executions(),
    toggleBackend: () => random.pick(agents).killAndStart(),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function startFaultyRelay(agent: Restartable, random: Random): Promise<Relay> {
  const relay: Relay = await startRelay({
    target: agent.url,
    strike: ({ method }) => {
      const share = method === "tools/call" ? FAULTY_CALLS : FAULTY_OTHERS;
      if (random.next() >= share) return "pass";
      const strike = random.pick(STRIKES);
      if (strike === "cut") setTimeout(() => relay.setCut(false), 100 + random.next() * CUT_MS);
      return strike;
    },
  });
  return relay;
}
