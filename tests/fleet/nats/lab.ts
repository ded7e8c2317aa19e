import { type AgentServerOptions, startAgentServer } from "../../lab/agent_server.ts";
import { labHost, type LabHostOptions } from "../../lab/host.ts";
import { type LabHub, openHub } from "../../lab/hub.ts";
import { type LabHubNats, openLabNats } from "../../lab/nats_hub.ts";
import { NATS_SERVER, type TestNats } from "../../nats/server.ts";
import { until } from "../../processes.ts";

/** What the agents of these tests are called on NATS. */
export const NAME = "web01.lab";

/** Defines a test that needs a nats-server. */
export function natsTest(name: string, fn: (test: Deno.TestContext) => Promise<void>): void {
  const reason = NATS_SERVER === null ? " (needs nats-server)" : "";
  Deno.test({ name: `${name}${reason}`, ignore: NATS_SERVER === null, fn });
}

/** Agents on NATS, and a hub that knows their host as `tesla`. */
export interface NatsLab extends AsyncDisposable {
  /** The home of the agents. */
  readonly home: string;
  readonly hub: LabHub;
  readonly nats: LabHubNats;
  /** Stops the first agent, as the program is stopped. */
  readonly stopAgent: () => Promise<void>;
  /** Starts one more. */
  readonly startAgent: () => void;
}

/** Options of `openNatsLab()`. */
export interface NatsLabOptions extends AgentServerOptions {
  readonly agents?: number;
  readonly host?: LabHostOptions;
}

/** Starts agents in one home, and a hub. */
export async function openNatsLab(
  server: TestNats,
  { agents: count = 1, host, ...options }: NatsLabOptions = {},
): Promise<NatsLab> {
  const home = await Deno.realPath(await Deno.makeTempDir({ prefix: "nats-agent-" }));
  const place = { settings: server.settings, name: NAME };
  const agents = Array.from(
    { length: count },
    () => startAgentServer(home, { ...options, nats: place }),
  );
  const nats = await openLabNats(server.settings);
  await until(() => nats.announced().length === 1);
  const [first] = agents;
  const hosts = [
    labHost({ natsName: NAME, sshHost: null, ...host }),
    labHost({ name: "http", lmcpUrl: first?.url ?? null, sshHost: null }),
  ];
  const hub = openHub({ hosts, natsWireTo: nats.wireTo });
  let isStopped = false;
  const stopAgent = async () => {
    isStopped = true;
    await first?.[Symbol.asyncDispose]();
  };
  return {
    home,
    hub,
    nats,
    stopAgent,
    startAgent: () => {
      agents.push(startAgentServer(home, { ...options, nats: place }));
    },
    [Symbol.asyncDispose]: async () => {
      await hub[Symbol.asyncDispose]();
      await nats.close();
      for (const agent of isStopped ? agents.slice(1) : agents) await agent[Symbol.asyncDispose]();
      await Deno.remove(home, { recursive: true });
    },
  };
}
