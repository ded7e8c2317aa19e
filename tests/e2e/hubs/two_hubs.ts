import { startNats, type TestNats } from "../../nats/server.ts";
import { untilListening } from "../client.ts";
import { type RunningProgram, startProgram, temporaryFile } from "../program.ts";
import { until } from "../../processes.ts";

/** Two hubs that share a NATS, and an agent that both know as `here`. */
export interface TwoHubs extends AsyncDisposable {
  readonly one: RunningProgram;
  readonly two: RunningProgram;
  readonly nats: TestNats;
}

/** Starts them with the permissions that they ship with, and waits until they are connected. */
export async function startTwoHubs(
  env: Readonly<Record<string, string>> = {},
  registry: (url: string) => string = (url) => `[hosts.here]\nlmcp_url = "${url}"\n`,
): Promise<TwoHubs> {
  await using stack = new AsyncDisposableStack();
  const nats = stack.use(await startNats({ jetStream: true }));
  const agent = stack.use(startProgram({ args: ["--agent"], permissions: "agent" }));
  const file = stack.use(await temporaryFile("hosts.toml", registry(agent.url)));
  const options = { env: { LMCP_HUB_BACKENDS: file.path, LMCP_NATS_URL: nats.url, ...env } };
  const [one, two] = [stack.use(startProgram(options)), stack.use(startProgram(options))];
  await Promise.all([agent, one, two].map(({ port }) => untilListening(port)));
  const isConnected = ({ said }: RunningProgram) => said().includes("NATS is connected");
  await until(() => isConnected(one) && isConnected(two));
  const owned = stack.move();
  return { one, two, nats, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
