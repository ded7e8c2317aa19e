import type { Command } from "../cli.ts";
import { type HubSettings, loadHubSettings } from "../config.ts";
import type { ConfigSources } from "../config_sources.ts";
import { KNOWN_HOSTS_WARNING } from "../fleet/known_hosts.ts";
import {
  isTomlPath,
  type LoadedRegistry,
  loadRegistry,
  missingRegistryText,
} from "../fleet/registry.ts";
import { registryToToml } from "../fleet/registry_to_toml.ts";
import { formatProblem, type Problem } from "../problem.ts";
import { EXIT } from "./program.ts";

/** `--check`, parsed. */
export type CheckCommand = Extract<Command, { readonly mode: "check" }>;

/** What `--check` needs. */
export interface CheckInputs extends ConfigSources {
  /** Takes a line of the findings, without line break. */
  readonly stdout: (line: string) => void;
  /** Takes a line that does not belong to the TOML text on stdout, without line break. */
  readonly stderr: (line: string) => void;
  /** Whether ssh, with this configuration file or the user's own, could note a new host's key. */
  readonly canWriteKnownHosts: (sshConfig: string | null) => Promise<boolean>;
}

/**
 * Reads all configuration as `serve` would, and prints every problem and a summary; or prints the
 * legacy registry as TOML. The exit status: 0, or 2 if there is an error (a warning is none).
 */
export async function runCheck(command: CheckCommand, inputs: CheckInputs): Promise<number> {
  const { flags } = command;
  const { settings, problems } = await loadHubSettings({ ...inputs, mode: "check", flags });
  const loaded = await loadRegistry(settings.registryPath, {
    ...inputs,
    defaults: settings.timeouts,
    pinned: settings.pinnedTimeouts,
  });
  if (command.format === "toml") return printToml(loaded, command, inputs);

  const all = [...problems, ...loaded.problems, ...await checkSetting(settings, loaded, inputs)];
  for (const problem of all) inputs.stdout(formatProblem(problem));
  if (!flags.quiet) inputs.stdout(summarize(loaded, all));
  return hasError(all) ? EXIT.unusable : EXIT.ok;
}

/** Prints TOML and nothing else on stdout, or nothing if a host would be lost. */
function printToml(
  { registry, problems, isMissing }: LoadedRegistry,
  { showTokens }: CheckCommand,
  { stdout, stderr }: CheckInputs,
): number {
  for (const problem of problems) stderr(formatProblem(problem));
  if (isMissing) stderr(missingRegistryText(registry.path));
  if (isMissing || hasError(problems)) return EXIT.unusable;
  if (isTomlPath(registry.path)) {
    stderr(`Cannot convert registry "${registry.path}": it is TOML already`);
    return EXIT.unusable;
  }
  stdout(registryToToml(registry, { showTokens }).trimEnd());
  return EXIT.ok;
}

/** Problems of the machine rather than of what was written. */
async function checkSetting(
  { registryPath, sshConfig }: HubSettings,
  { registry, isMissing }: LoadedRegistry,
  { canWriteKnownHosts }: CheckInputs,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const warn = (source: string, message: string) =>
    problems.push({ severity: "warning", source, line: null, field: null, message });

  if (isMissing) warn(registryPath, "there is no such file, so the hub has no hosts");
  const usesSsh = [...registry.hosts.values()].some(({ sshHost }) => sshHost !== null);
  if (usesSsh && !await canWriteKnownHosts(sshConfig)) warn("known_hosts", KNOWN_HOSTS_WARNING);
  return problems;
}

function hasError(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === "error");
}

/** `hosts.toml: 12 hosts, 0 errors, 1 warning`. */
function summarize({ registry }: LoadedRegistry, problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const counts = [
    count(registry.hosts.size, "host"),
    count(errors, "error"),
    count(problems.length - errors, "warning"),
  ];
  return `${registry.path}: ${counts.join(", ")}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
