import { stringify } from "smol-toml";
import { startNats, type TestNats } from "../../../tests/nats/server.ts";
import { startAgentProcess } from "../agent_process.ts";
import { type Destination, writeLocalSsh } from "../local_ssh.ts";
import { type Restartable, startRestartable } from "../restartable.ts";
import { type Line, openLine } from "./line.ts";

/** How many agents serve each name on NATS. */
const AGENTS = [1, 1, 2];
/** What each name is called in the registry, and whether ssh leads there, too. */
const WAYS: readonly (Destination | null)[] = [null, "works", "works", "refuses"];
const TIMEOUTS = { lmcp_timeout: 3, ssh_timeout: 5, ssh_hard_timeout: 10 };

/** A nats-server, agents that connect to it, and two hubs that share it, each of them a process. */
export interface NatsFleet extends AsyncDisposable {
  readonly broker: TestNats;
  readonly agents: readonly Restartable[];
  readonly hubs: readonly [Restartable, Restartable];
  /** The way of each agent and of each hub to the broker. */
  readonly lines: readonly Line[];
  /** Names of the hosts. */
  readonly hosts: readonly string[];
}

/** Starts them; `directory` is for what they keep. */
export async function startNatsFleet(directory: string): Promise<NatsFleet> {
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await startNats({ jetStream: true }));
  const lines: Line[] = [];
  const openWay = () => {
    const line = stack.use(openLine(broker.port));
    lines.push(line);
    return { LMCP_NATS_URL: `nats://127.0.0.1:${line.port}` };
  };
  const agents = await Promise.all(AGENTS.flatMap((count, at) => {
    // Agents of one host share what they keep.
    const env = { LMCP_NATS_NAME: `name${at}`, LMCP_STATE_DIR: `${directory}/state${at}` };
    return Array.from({ length: count }, () => startAgentProcess({ ...env, ...openWay() }));
  }));
  for (const agent of agents) stack.use(agent);
  const hosts = Object.fromEntries(AGENTS.flatMap((_, at) =>
    WAYS.map((way, index) => [
      `host${at}-${index}`,
      { nats: `name${at}`, ...way === null ? {} : { ssh_host: `${way}${at}-${index}` } },
    ])
  ));
  const registry = `${directory}/hosts.toml`;
  await Deno.writeTextFile(registry, stringify({ defaults: TIMEOUTS, hosts }), { mode: 0o600 });
  await Deno.mkdir(`${directory}/bin`);
  await writeLocalSsh(`${directory}/bin`);
  const startHub = async (name: string) => {
    const control = `${directory}/${name}`;
    await Deno.mkdir(control, { mode: 0o700 });
    return await startRestartable({
      permissions: ["-P=hub", `--allow-write=${control}`],
      args: ["--registry", registry],
      env: {
        ...openWay(),
        LMCP_HUB_CONTROL_DIR: control,
        PATH: `${directory}/bin:${Deno.env.get("PATH")}`,
      },
    });
  };
  const hubs = [stack.use(await startHub("one")), stack.use(await startHub("two"))] as const;
  const owned = stack.move();
  return {
    broker,
    agents,
    hubs,
    lines,
    hosts: Object.keys(hosts),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
