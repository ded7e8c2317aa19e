import { Buffer } from "node:buffer";
import { showValue } from "../../mcp/arguments/shown_value.ts";
import { quote } from "../../shell/quote.ts";
import { type CommandArgument, describeType, mayBeOption, readValue } from "./argument.ts";
import type { NamedCommand } from "./named_command.ts";
import type { Element } from "./template.ts";

/** Linux runs no program with a longer argument, and no call of ours has a longer command. */
const MAX_LINE_BYTES = 128 * 1024 - 1;
/** Unknown arguments that are named. */
const MAX_UNKNOWN = 5;

/** A command with its arguments, or what is wrong with them. */
export type FilledCommand =
  | { readonly kind: "filled"; readonly vector: readonly string[] }
  | { readonly kind: "refused"; readonly faults: readonly string[] };

/** Puts the arguments of a call into the places of a command. */
export function fillCommand(
  command: NamedCommand,
  args: Readonly<Record<string, unknown>>,
): FilledCommand {
  const values = new Map<string, string>();
  const faults: string[] = [];
  for (const [name, argument] of command.arguments) {
    const value = Object.hasOwn(args, name) ? args[name] : null;
    const read = readArgument(value ?? null, argument);
    if (read === null) continue;
    if ("text" in read) values.set(name, read.text);
    else faults.push(read.isMissing ? missing(name, argument) : bad(name, read.fault, argument));
  }
  faults.push(...findUnknown(command, args));
  if (faults.length > 0) return { kind: "refused", faults };
  return fillElements(command, values);
}

/**
 * The line that has a POSIX shell run a vector: a program, and never one of the shell's own, some of
 * which evaluate their arguments. A server of another make may have the shell go on after it.
 */
export function toShellLine(vector: readonly string[]): string {
  return `(exec ${vector.map(quote).join(" ")})`;
}

type ReadArgument =
  | { readonly text: string }
  | { readonly fault: string; readonly isMissing: boolean };

/** Null: there is no value, and none is needed. */
function readArgument(value: unknown, argument: CommandArgument): ReadArgument | null {
  if (value !== null) {
    const read = readValue(value, argument.type);
    return "text" in read ? read : { ...read, isMissing: false };
  }
  if (argument.default !== null) return { text: argument.default };
  return argument.isOptional ? null : { fault: "", isMissing: true };
}

function fillElements(
  command: NamedCommand,
  values: ReadonlyMap<string, string>,
): FilledCommand {
  const vector: string[] = [];
  for (const element of command.run) {
    const texts = element.map((part) => "literal" in part ? part.literal : values.get(part.place));
    if (texts.includes(undefined)) continue;
    const text = texts.join("");
    const option = text.startsWith("-") ? findOption(element, values, command) : null;
    if (option !== null) {
      const fault = `${showValue(values.get(option))}: it must not begin with "-"`;
      return { kind: "refused", faults: [bad(option, fault, command.arguments.get(option))] };
    }
    vector.push(text);
  }
  if (Buffer.byteLength(toShellLine(vector)) > MAX_LINE_BYTES) {
    return { kind: "refused", faults: ["the arguments are too long together"] };
  }
  return { kind: "filled", vector };
}

/**
 * The argument that makes an option of an element, or chooses which, where it must not; null: none does.
 * An option is what begins with dashes, and its name what stands behind them.
 */
function findOption(
  element: Element,
  values: ReadonlyMap<string, string>,
  command: NamedCommand,
): string | null {
  let skipped: string | null = null;
  for (const part of element) {
    const text = "literal" in part ? part.literal : values.get(part.place) ?? "";
    if ("place" in part) {
      const type = command.arguments.get(part.place)?.type;
      const isFree = type === undefined || !mayBeOption(type);
      if (isFree && text !== "") return part.place;
      if (isFree) skipped ??= part.place;
    }
    // Behind a text that is left empty, also what was written as the end of a name begins an option.
    if (skipped !== null && text !== "") return skipped;
    if (/[^-]/.test(text)) return null;
  }
  return null;
}

function findUnknown(command: NamedCommand, args: Readonly<Record<string, unknown>>): string[] {
  const unknown = Object.keys(args).filter((name) => !command.arguments.has(name));
  if (unknown.length === 0) return [];
  const names = unknown.slice(0, MAX_UNKNOWN).map(showValue).join(", ");
  const more = unknown.length > MAX_UNKNOWN ? ` and ${unknown.length - MAX_UNKNOWN} more` : "";
  const known = [...command.arguments.keys()].map((name) => `\`${name}\``).join(", ");
  return [`unknown ${names}${more} in \`args\` (accepted: ${known === "" ? "none" : known})`];
}

function missing(name: string, { type }: CommandArgument): string {
  return `missing \`${name}\` in \`args\` (${describeType(type)})`;
}

function bad(name: string, fault: string, argument: CommandArgument | undefined): string {
  const accepted = argument === undefined ? "" : ` (${describeType(argument.type)})`;
  return `bad \`${name}\` in \`args\`: ${fault}${accepted}`;
}
