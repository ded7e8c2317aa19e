import { type Restartable, startRestartable } from "./restartable.ts";

/** Starts an agent with the permissions that it ships with, in an environment of its own. */
export async function startAgentProcess(
  env: Readonly<Record<string, string>>,
): Promise<Restartable> {
  return await startRestartable({
    permissions: ["-P=agent"],
    args: ["--agent"],
    env: { LMCP_WITHOUT_TOKEN: "1", ...env },
  });
}
