import type { Host } from "../../fleet/host.ts";
import { namesWithin } from "../../targets/folding/names_within.ts";
import { describeType } from "../../work/commands/argument.ts";
import type { NamedCommand, NamedCommands } from "../../work/commands/named_command.ts";
import { hostsOf } from "./rights.ts";

/** Characters of the names of a command's hosts. */
const MAX_HOSTS = 100;

/** How a command is called, in one line: `restart(unit: [a-z]+): Restart a service (on web1)`. */
export function usageOf(command: NamedCommand, visible: ReadonlyMap<string, Host>): string {
  const { description } = command;
  const hosts = hostsOf(command, visible);
  const isEverywhere = hosts.length === visible.size;
  return command.name + argumentsText(command) +
    (description === "" ? "" : `: ${description}`) +
    (isEverywhere ? "" : ` (on ${namesWithin(hosts, MAX_HOSTS)})`);
}

/** `(unit: [a-z]+, lines?: 1..500)`. */
export function argumentsText({ arguments: args }: NamedCommand): string {
  const texts = [...args].map(([name, { type, default: value, isOptional }]) =>
    `${name}${isOptional || value !== null ? "?" : ""}: ${describeType(type)}`
  );
  return `(${texts.join(", ")})`;
}

/** Commands for a model to choose from, as far as there is room. */
export interface CommandList {
  readonly text: string;
  /** Whether it says how each of them is called. */
  readonly isWhole: boolean;
}

/** Lists commands in so many characters: how they are called, or else their names. */
export function listCommands(
  commands: NamedCommands,
  { hosts, maxChars }: { readonly hosts: ReadonlyMap<string, Host>; readonly maxChars: number },
): CommandList {
  const lines = within(usagesOf(commands, hosts), maxChars - WHOLE.length);
  if (lines.length === commands.size) {
    return { text: `${WHOLE}\n${lines.join("\n")}`, isWhole: true };
  }
  const names = within(commands.keys(), maxChars - IN_PART.length - MORE_CHARS);
  const more = commands.size - names.length;
  const text = `${IN_PART} ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return { text, isWhole: false };
}

function* usagesOf(
  commands: NamedCommands,
  hosts: ReadonlyMap<string, Host>,
): Generator<string> {
  for (const command of commands.values()) yield usageOf(command, hosts);
}

/** The first texts that have room together, with up to two characters between them. */
function within(texts: Iterable<string>, maxChars: number): readonly string[] {
  const taken: string[] = [];
  let chars = 0;
  for (const text of texts) {
    chars += text.length + 2;
    if (chars > maxChars) break;
    taken.push(text);
  }
  return taken;
}

/** Of ` and 99999 more`. */
const MORE_CHARS = 16;

const WHOLE = "Named commands (name, args):";
const IN_PART = "Named commands (remote_tools shows their args):";
