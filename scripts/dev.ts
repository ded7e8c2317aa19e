/**
 * `deno task dev`: an agent for this machine, and a hub that knows it as host `local`, both on
 * loopback. Both restart when the code or `hosts.toml` changes; Ctrl-C stops them.
 */
import { fileURLToPath } from "node:url";
import { prepareState } from "./dev/state.ts";
import { runUntilChange } from "./dev/programs.ts";
import { describeUse } from "./dev/usage.ts";

/** The exit status of a hub that cannot serve. */
const EXIT_UNUSABLE = 2;

const root = fileURLToPath(new URL("..", import.meta.url));
const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort());
Deno.addSignalListener("SIGTERM", () => stop.abort());

const port = Number(Deno.env.get("LMCP_PORT") ?? 8090);
// Otherwise another checkout's hub would be mistaken for this one, or lose its agent.
let exitCode: number | null = isFree(port) ? null : EXIT_UNUSABLE;
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

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    console.error(`Cannot listen on 127.0.0.1 port ${port}: the port is in use (see LMCP_PORT)`);
    return false;
  }
}
