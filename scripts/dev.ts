/**
 * `deno task dev`: an agent for this machine, and a hub that knows it as host `local`, both on
 * loopback. They start again when the code changes; a change of `hosts.toml` is applied by the
 * running hub. With `--nats` there are a nats-server and two hubs, which reach the agent through it.
 * Ctrl-C stops all, a second one without waiting for running calls.
 */
import { fileURLToPath } from "node:url";
import { messageOf } from "../lib/base/text/error_text.ts";
import { parsePort, PORT_RULE } from "../lib/config/address.ts";
import { type Broker, BrokerError, startBroker } from "./dev/broker.ts";
import { type DevOptions, parseDevOptions } from "./dev/options.ts";
import { fetchPackages } from "./dev/packages.ts";
import { runPrograms } from "./dev/session.ts";
import { prepareState } from "./dev/state.ts";
import { describeUse } from "./dev/usage.ts";

/** As the hub ends when it cannot serve. */
const EXIT_UNUSABLE = 2;

const root = fileURLToPath(new URL("..", import.meta.url));
const options = parse();
if (options === null) Deno.exit(EXIT_UNUSABLE);
const { usesNats } = options;
const port = findPort(Deno.env.get("LMCP_PORT") || "8090");
if (port === null) Deno.exit(EXIT_UNUSABLE);

console.log(
  `Starting ${usesNats ? "an agent and two hubs on NATS" : "an agent and a hub"}; ` +
    "the first start in a checkout fetches packages.",
);
await fetchPackages(root);
await using state = await prepareState(root, { port, usesNats });
await using broker = usesNats ? await tryStartBroker(state.directory) : null;
if (usesNats && broker === null) Deno.exitCode = EXIT_UNUSABLE;
else await run();

async function run(): Promise<void> {
  await runPrograms({
    root,
    state,
    brokerEnv: broker?.env ?? {},
    onReady: () => console.log(describeUse(state)),
    onStopSignal: (listener) => {
      Deno.addSignalListener("SIGINT", listener);
      Deno.addSignalListener("SIGTERM", listener);
    },
  });
}

async function tryStartBroker(directory: string): Promise<Broker | null> {
  try {
    return await startBroker(directory);
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    console.error(error.message);
    return null;
  }
}

function parse(): DevOptions | null {
  try {
    return parseDevOptions(Deno.args);
  } catch (error) {
    console.error(messageOf(error));
    return null;
  }
}

/** Another hub on the port would be mistaken for this one. */
function findPort(text: string): number | null {
  const port = parsePort(text);
  if (port === null) {
    console.error(`LMCP_PORT: error: must be ${PORT_RULE}, not "${text}"`);
    return null;
  }
  try {
    using listener = Deno.listen({ hostname: "127.0.0.1", port });
    return listener.addr.port;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    const reason = "the port is in use: choose another one with LMCP_PORT";
    console.error(`Cannot listen on 127.0.0.1 port ${port}: ${reason}`);
    return null;
  }
}
