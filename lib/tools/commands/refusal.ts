import type { Host } from "../../fleet/host.ts";
import { COMMAND_TOOL } from "../../fleet/rules.ts";
import { namesWithin } from "../../targets/folding/names_within.ts";
import type { NamedCommand } from "../../work/commands/named_command.ts";
import { luaQuote } from "../lua_quote.ts";
import { type CommandRights, hostsOf } from "./rights.ts";

/** Characters of the names of a command's hosts. */
const MAX_HOSTS = 400;

/**
 * Why a caller may not run a named command on one of its hosts; `rules`: the host's own rules are
 * against it; null: it may.
 */
export function findCommandRefusal(
  command: NamedCommand,
  { host, hosts, commandRights: { commands } }: {
    readonly host: Host;
    /** The hosts that exist for the caller. */
    readonly hosts: ReadonlyMap<string, Host>;
    readonly commandRights: CommandRights;
  },
): string | null {
  const { name, readOnly, definition } = command;
  const known = commands.get(name);
  if (known === undefined) return `unknown command ${luaQuote(name)}`;
  if (known.definition !== definition) return `the command ${luaQuote(name)} was changed meanwhile`;
  const { tools, readOnly: isReadOnly } = host.rules;
  if (tools?.has(COMMAND_TOOL) === false || isReadOnly && !readOnly) return "rules";
  if (command.hosts?.has(host.name) ?? true) return null;
  const own = namesWithin(hostsOf(command, hosts), MAX_HOSTS);
  return `the command ${luaQuote(name)} is not for ${luaQuote(host.name)}, but for ${own}`;
}
