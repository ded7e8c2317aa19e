import { type Configuration, loadConfiguration } from "../config/load.ts";
import { missingRegistryText } from "../config/registry/load.ts";
import type { HubFlags, HubMode } from "../config/settings.ts";
import { type Program, reportProblems } from "./program.ts";

/**
 * Reads the configuration at the start. Prints all problems on standard error; null if there is an
 * error among them. A missing registry is not an error: the hub then has no hosts.
 */
export async function configureHub(
  mode: HubMode,
  flags: HubFlags,
  program: Program,
): Promise<Configuration | null> {
  const { configuration, problems } = await loadConfiguration(mode, flags, program);
  if (reportProblems(problems, program)) return null;
  const { isRegistryMissing, registry } = configuration;
  if (isRegistryMissing && mode !== "probe") program.stderr(missingRegistryText(registry.path));
  return configuration;
}
