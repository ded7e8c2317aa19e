/**
 * `deno task dev`: an agent for this machine, and a hub that knows it as host `local`, both on
 * loopback. They start again when the code changes; a change of `hosts.toml` is applied by the
 * running hub. Ctrl-C stops both, a second one without waiting for running calls.
 */
import { fileURLToPath } from "node:url";
import { parsePort, PORT_RULE } from "../lib/config/address.ts";
import { fetchPackages } from "./dev/packages.ts";
import { runPrograms } from "./dev/session.ts";
import { prepareState } from "./dev/state.ts";
import { describeUse } from "./dev/usage.ts";

/** As the hub ends when it cannot serve. */
const EXIT_UNUSABLE = 2;

const root = fileURLToPath(new URL("..", import.meta.url));
const port = findPort(Deno.env.get("LMCP_PORT") || "8090");
if (port === null) Deno.exit(EXIT_UNUSABLE);

console.log("Starting an agent and a hub; the first start in a checkout fetches packages.");
await fetchPackages(root);
await using state = await prepareState(root, port);
await runPrograms({
  root,
  state,
  onReady: () => console.log(describeUse(state)),
  onStopSignal: (listener) => {
    Deno.addSignalListener("SIGINT", listener);
    Deno.addSignalListener("SIGTERM", listener);
  },
});

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
