import type { HubFlags, HubMode } from "../config/settings.ts";
import { missingRegistryText } from "../config/registry/load.ts";
import { type Configuration, loadConfiguration } from "../config/load.ts";
import { type Program, tellProblems } from "./program.ts";

/**
 * Reads the configuration at the start. Tells all problems on standard error; null if there is an
 * error among them. A registry that does not exist is none: the hub has no hosts then.
 */
export async function configureHub(
  mode: HubMode,
  flags: HubFlags,
  program: Program,
): Promise<Configuration | null> {
  const { configuration, problems } = await loadConfiguration(mode, flags, program);
  if (tellProblems(problems, program)) return null;
  const { isRegistryMissing, registry } = configuration;
  if (isRegistryMissing) program.stderr(missingRegistryText(registry.path));
  return configuration;
}
