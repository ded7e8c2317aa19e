import {
  formatProblem,
  hasError,
  type Problem,
  settingError,
  settingWarning,
} from "../base/problem.ts";
import type { Command } from "../cli/command.ts";
import { createPaint, isColored, type Paint } from "../cli/paint.ts";
import { type Configuration, loadConfiguration, type LoadedConfiguration } from "../config/load.ts";
import { isTomlPath, missingRegistryText } from "../config/registry/load.ts";
import { registryToToml } from "../config/registry/formats/to_toml.ts";
import type { HubSettings } from "../config/settings.ts";
import { REGISTRY_PATHS } from "../config/variables.ts";
import { type ConfigSources, fileExists } from "../config/sources.ts";
import type { SshClient } from "../fleet/ssh/command.ts";
import { isBehindSsh, usesSsh } from "../fleet/lmcp/ssh_url.ts";
import { KNOWN_HOSTS_WARNING } from "../fleet/ssh/known_hosts.ts";
import type { KeyPair } from "../http/key_pair.ts";
import { complain, EXIT, type Program } from "../hub/program.ts";
import { createSshClient } from "../hub/ssh/client.ts";
import { describeConfirm } from "./describe_confirm.ts";

/** `--check`, parsed. */
export type CheckCommand = Extract<Command, { readonly mode: "check" }>;

/** The process that `--check` runs in. */
export interface CheckInputs extends ConfigSources, Pick<Program, "name" | "screen"> {
  /** Takes a line of the findings, without line break. */
  readonly stdout: (line: string) => void;
  /** Takes a line that does not belong to the TOML text on stdout, without line break. */
  readonly stderr: (line: string) => void;
  /** Whether ssh, with its configuration, could note a new host's key. */
  readonly canWriteKnownHosts: (client: SshClient) => Promise<boolean>;
  /** Why a directory cannot hold ssh's sockets; null: it can. */
  readonly findControlFault: (directory: string) => Promise<string | null>;
  /** Why the audit trail cannot be written to a file; null: it can. */
  readonly findAppendFault: (path: string) => Promise<string | null>;
  /** Why HTTPS cannot be served with a key pair; null: it can. */
  readonly findKeyPairFault: (pair: KeyPair) => string | null;
}

/**
 * Reads all configuration as `serve` would, and prints every problem and a summary; or prints the
 * legacy registry as TOML. The exit status: 0, or 2 if there is an error (a warning is none).
 */
export async function runCheck(command: CheckCommand, inputs: CheckInputs): Promise<number> {
  const { flags } = command;
  const loaded = await loadConfiguration("check", flags, inputs);
  if (command.format === "toml") return printToml(loaded, command, inputs);

  const { configuration, problems } = loaded;
  const all = [
    ...problems,
    ...await checkKeyPair(loaded, inputs),
    ...await checkMachine(configuration, inputs),
  ];
  const paint = createPaint(isColored(command.color, inputs.screen));
  for (const problem of all) inputs.stdout(paintProblem(problem, paint));
  const confirmed = flags.quiet ? [] : describeConfirm(configuration.registry);
  for (const line of confirmed) inputs.stdout(line);
  if (!flags.quiet) inputs.stdout(summarize(configuration, all, paint));
  return hasError(all) ? EXIT.unusable : EXIT.ok;
}

/** Prints TOML and nothing else on stdout, or nothing if a host would be lost. */
function printToml(
  { configuration, registryProblems: problems }: LoadedConfiguration,
  { showTokens }: CheckCommand,
  inputs: CheckInputs,
): number {
  const { registry, isRegistryMissing: isMissing } = configuration;
  for (const problem of problems) inputs.stderr(formatProblem(problem));
  if (isMissing) inputs.stderr(missingRegistryText(registry.path));
  if (isMissing || hasError(problems)) return EXIT.unusable;
  if (isTomlPath(registry.path)) {
    complain(inputs, `Cannot convert registry "${registry.path}": it is TOML already`);
    return EXIT.unusable;
  }
  inputs.stdout(registryToToml(registry, { showTokens }).trimEnd());
  return EXIT.ok;
}

/** Files that are named and not there, and problems of the machine. */
async function checkMachine(
  { settings, registry, discovers, isRegistryMissing }: Configuration,
  inputs: CheckInputs,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  if (isRegistryMissing) problems.push(missingRegistry(settings));
  else if (registry.hosts.size === 0 && !discovers) {
    problems.push(settingWarning(registry.path, "has no hosts"));
  }
  const { sshConfig } = settings;
  if (sshConfig !== null && !await fileExists(sshConfig, inputs)) {
    problems.push(settingError("LMCP_HUB_SSH_CONFIG", missingFile(sshConfig)));
  }
  const hosts = [...registry.hosts.values()];
  const client = createSshClient(settings, () => registry);
  if (hosts.some(usesSsh) && !await inputs.canWriteKnownHosts(client)) {
    problems.push(settingWarning("known_hosts", KNOWN_HOSTS_WARNING));
  }
  if (settings.nats === null && (discovers || hosts.some(({ natsName }) => natsName !== null))) {
    const message =
      "is not set, so no host can be reached over NATS, although the registry says so";
    problems.push(settingWarning("LMCP_NATS_URL", message));
  }
  if (hosts.some(usesSsh)) {
    const isNeeded = hosts.some(isBehindSsh);
    problems.push(...await checkControl(settings, { isNeeded, inputs }));
  }
  return [...problems, ...await checkAudit(settings, inputs)];
}

/** The hub does not start without the file that is named for its audit trail. */
async function checkAudit(
  { auditPath }: HubSettings,
  { findAppendFault }: CheckInputs,
): Promise<Problem[]> {
  const fault = auditPath === null ? null : await findAppendFault(auditPath);
  return fault === null
    ? []
    : [settingError("LMCP_HUB_AUDIT", `cannot write "${auditPath}": ${fault}`)];
}

/** Without connections that are kept, no port can be forwarded, and each call logs in. */
async function checkControl(
  { controlDirectories }: HubSettings,
  { isNeeded, inputs: { findControlFault } }: {
    readonly isNeeded: boolean;
    readonly inputs: CheckInputs;
  },
): Promise<Problem[]> {
  const faults = await Promise.all(controlDirectories.map(findControlFault));
  if (faults.includes(null)) return [];
  const effect = isNeeded
    ? 'an lmcp_url that starts with "ssh:" cannot be used'
    : "ssh connections are not reused, which is slow";
  const message = `${effect}: ${faults.join("; ")}`;
  return [settingWarning("LMCP_HUB_CONTROL_DIR", message)];
}

/** A hub without a registry has no hosts; whoever names one means that there is one. */
function missingRegistry({ registryPath, registryNamedBy }: HubSettings): Problem {
  return registryNamedBy === null
    ? settingWarning(registryPath, `there is no such file${orOthers(registryPath)}: no hosts`)
    : settingError(registryNamedBy, missingFile(registryPath));
}

/** The other places where a registry is looked for that nothing names. */
function orOthers(path: string): string {
  const others = REGISTRY_PATHS.filter((other) => other !== path);
  return others.length === 0 ? "" : `, nor ${others.join(" or ")}`;
}

function missingFile(path: string): string {
  return `cannot read "${path}": no such file`;
}

/** Whether the TLS files, where each is sound by itself, belong together. */
async function checkKeyPair(
  { configuration: { settings: { tls } }, problems }: LoadedConfiguration,
  { readTextFile, findKeyPairFault }: CheckInputs,
): Promise<Problem[]> {
  if (tls === null || problems.some(({ source }) => source.startsWith("LMCP_TLS_"))) return [];
  const pair = { cert: await readTextFile(tls.certPath), key: await readTextFile(tls.keyPath) };
  const fault = findKeyPairFault(pair);
  return fault === null
    ? []
    : [settingError("LMCP_TLS_CERT", `cannot be used with LMCP_TLS_KEY: ${fault}`)];
}

/** The line of a problem, in which the eye finds errors first. */
function paintProblem(problem: Problem, paint: Paint): string {
  const { severity } = problem;
  const line = formatProblem(problem);
  const mark = `: ${severity}: `;
  const at = line.indexOf(mark);
  const color = severity === "error" ? "red" : "yellow";
  return at < 0
    ? line
    : `${line.slice(0, at)}: ${paint(color, severity)}: ${line.slice(at + mark.length)}`;
}

/** `hosts.toml: 12 hosts, 2 clients, 0 errors, 1 warning`; clients and commands only where there are any. */
function summarize(
  { registry }: Configuration,
  problems: readonly Problem[],
  paint: Paint,
): string {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const counts = [
    count(registry.hosts.size, "host"),
    ...(registry.clients.size > 0 ? [count(registry.clients.size, "client")] : []),
    ...(registry.commands ? [count(registry.commands.size, "command")] : []),
    paint(errors > 0 ? "red" : "green", count(errors, "error")),
    paint(problems.length > errors ? "yellow" : "dim", count(problems.length - errors, "warning")),
  ];
  return `${registry.path}: ${counts.join(", ")}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
