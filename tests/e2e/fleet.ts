import { untilListening } from "./client.ts";
import {
  type ProgramOptions,
  type RunningProgram,
  startProgram,
  temporaryFile,
} from "./program.ts";

/** An agent on this machine, a hub that knows it as `here`, and what ends both. */
export interface Fleet extends AsyncDisposable {
  readonly hub: RunningProgram;
  readonly agent: RunningProgram;
}

/** Starts both with the permissions that they ship with. */
export async function startFleet(options: ProgramOptions = {}): Promise<Fleet> {
  await using stack = new AsyncDisposableStack();
  const agent = stack.use(startProgram({ args: ["--agent"], permissions: "agent" }));
  const registry = stack.use(await temporaryFile("hosts.conf", `here - ${agent.url} -\n`));
  const env = { LMCP_HUB_BACKENDS: registry.path, ...options.env };
  const hub = stack.use(startProgram({ ...options, env }));
  await Promise.all([untilListening(agent.port), untilListening(hub.port)]);
  const owned = stack.move();
  return { hub, agent, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
