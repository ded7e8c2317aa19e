/**
 * `deno task dev`: an agent for this machine, and a hub that knows it as host `local`, both on
 * loopback. They start again when the code or `hosts.toml` changes; Ctrl-C stops both.
 */
import { fileURLToPath } from "node:url";
import { prepareState } from "./dev/state.ts";
import { runUntilChange } from "./dev/programs.ts";
import { describeUse } from "./dev/usage.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort());
Deno.addSignalListener("SIGTERM", () => stop.abort());

const port = Number(Deno.env.get("LMCP_PORT") ?? 8090);
let exitCode: number | null = null;
while (exitCode === null) {
  const state = await prepareState(root);
  exitCode = await runUntilChange({
    root,
    state,
    port,
    signal: stop.signal,
    onReady: () => console.log(describeUse(state, port)),
  });
}
Deno.exit(exitCode);
