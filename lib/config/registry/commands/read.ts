import { didYouMean } from "../../../base/text/near_names.ts";
import type { Problem } from "../../../base/problem.ts";
import type { CommandArgument } from "../../../work/commands/argument.ts";
import { fillCommand } from "../../../work/commands/fill.ts";
import type { NamedCommand, NamedCommands } from "../../../work/commands/named_command.ts";
import { parseElement } from "../../../work/commands/template.ts";
import { DEFAULT_TIMEOUT_SECONDS } from "../../../work/shell.ts";
import { findNameFault } from "../address.ts";
import type { RegistryContent, RegistryEntry } from "../entry.ts";
import type { Labels } from "../labels.ts";
import { isTable } from "../formats/lines.ts";
import { schemaProblems } from "../schema.ts";
import { readArgument, toArgumentTable } from "./arguments.ts";
import { argumentSchema, type CommandFields, commandSchema } from "./schema.ts";
import { findTemplateFaults } from "./template_faults.ts";

/** Characters of a command's name. */
export const MAX_NAME_CHARS = 64;

/** The commands without error, and all that is wrong with them. */
export interface ReadCommands {
  readonly commands: NamedCommands;
  readonly problems: readonly Problem[];
}

/** What commands are read with. */
export interface CommandsContext {
  /** The registry's path. */
  readonly path: string;
  readonly labels: Labels;
}

/** Reads `[commands.NAME]`. */
export function readCommands(
  { commands: entries = [] }: RegistryContent,
  context: CommandsContext,
): ReadCommands {
  const results = entries.map((entry) => readCommand(entry, context));
  return {
    commands: new Map(
      results.flatMap(({ command }) => command === null ? [] : [[command.name, command]]),
    ),
    problems: results.flatMap(({ problems }) => problems),
  };
}

/** Checks the entry of a command; null: it has an error. */
function readCommand(
  entry: RegistryEntry,
  { path: source, labels }: CommandsContext,
): { readonly command: NamedCommand | null; readonly problems: readonly Problem[] } {
  const { name, locate } = entry;
  const problems: Problem[] = [];
  const report = (severity: Problem["severity"], path: readonly string[], message: string) =>
    problems.push({ severity, source, ...locate(path), message });
  const nameFault = findCommandNameFault(name);
  if (nameFault !== null) report("error", [], nameFault);
  const checked = commandSchema.safeParse(entry.fields);
  if (!checked.success) {
    const explainUnknown = (field: string) => explainUnknownField(field, entry);
    problems.push(...schemaProblems(checked.error, { source, locate, explainUnknown }));
    return { command: null, problems };
  }
  const fields = checked.data;
  const { args, problems: ofArguments } = readArguments(fields, { source, entry });
  problems.push(...ofArguments);
  const run = fields.run.map(parseElement);
  if (args !== null) {
    for (const { path, message } of findTemplateFaults(run, args)) report("error", path, message);
  }
  const meant = fields.hosts?.map(labels) ?? null;
  for (const [index, { fault, advice }] of meant?.entries() ?? []) {
    if (fault !== null) report("error", ["hosts"], `item ${index + 1} ${fault}`);
    if (advice !== null) report("warning", ["hosts"], `item ${index + 1} ${advice}`);
  }
  if (args === null || problems.some(({ severity }) => severity === "error")) {
    return { command: null, problems };
  }
  const hosts = meant && meant.flatMap(({ hosts }) => hosts);
  const command = {
    name,
    description: fields.description ?? "",
    run,
    arguments: args,
    hosts: hosts && new Set(hosts),
    readOnly: fields.read_only ?? false,
    mustBeConfirmed: fields.confirm ?? false,
    timeoutSeconds: fields.timeout ?? DEFAULT_TIMEOUT_SECONDS,
    definition: JSON.stringify([name, fields, hosts]),
  };
  const fault = findDefaultsFault(command);
  if (fault === null) return { command, problems };
  report("error", ["args"], fault);
  return { command: null, problems };
}

/** Why a call without arguments would be refused, although all of them have a default or are optional. */
function findDefaultsFault(command: NamedCommand): string | null {
  const needsNone = [...command.arguments.values()].every(({ default: value, isOptional }) =>
    value !== null || isOptional
  );
  const filled = needsNone ? fillCommand(command, {}) : null;
  return filled?.kind === "refused"
    ? `have defaults that cannot be used together: ${filled.faults.join("; ")}`
    : null;
}

function findCommandNameFault(name: string): string | null {
  if (name.length > MAX_NAME_CHARS) return `its name has more than ${MAX_NAME_CHARS} characters`;
  return findNameFault(name, "command");
}

/** The arguments of a command; null: one of them has an error. */
function readArguments(
  { args = {} }: CommandFields,
  { source, entry: { locate } }: { readonly source: string; readonly entry: RegistryEntry },
): { readonly args: ReadonlyMap<string, CommandArgument> | null; readonly problems: Problem[] } {
  const read = new Map<string, CommandArgument>();
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(args)) {
    const locateField = (path: readonly PropertyKey[]) => locate(["args", name, ...path]);
    const fail = (path: readonly string[], message: string) =>
      problems.push({ severity: "error", source, ...locateField(path), message });
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,31}$/.test(name)) {
      fail([], 'an argument\'s name holds up to 32 letters, digits, "_" and "-", a letter first');
    }
    const checked = argumentSchema.safeParse(toArgumentTable(value));
    if (!checked.success) {
      const explainUnknown = (field: string) =>
        `unknown field${didYouMean(field, Object.keys(argumentSchema.shape))}`;
      problems.push(
        ...schemaProblems(checked.error, { source, locate: locateField, explainUnknown }),
      );
      continue;
    }
    const argument = readArgument(checked.data);
    if ("message" in argument) {
      const { field, message } = argument;
      fail(field === "" ? [] : [field], message);
    } else read.set(name, argument);
  }
  return { args: problems.length === 0 ? read : null, problems };
}

/** Arguments are easily written beside the fields of their command. */
function explainUnknownField(field: string, { fields }: RegistryEntry): string {
  const run = isTable(fields) && Array.isArray(fields.run) ? fields.run : [];
  const isPlace = run.some((item) => typeof item === "string" && item.includes(`{${field}}`));
  if (isPlace) return `unknown field: an argument is written as args.${field}`;
  return `unknown field${didYouMean(field, Object.keys(commandSchema.shape))}`;
}
