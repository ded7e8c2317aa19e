import type { Client } from "../../fleet/client.ts";
import type { Host } from "../../fleet/host.ts";
import type { NamedCommand, NamedCommands } from "../../work/commands/named_command.ts";

/** Which named commands a caller may run. */
export interface CommandRights {
  /** Those that exist for the caller, by name. */
  readonly commands: NamedCommands;
  /** Whether it may run nothing else. */
  readonly isAlone: boolean;
}

/** What command rights are found by. */
export interface CommandRightsFacts {
  /** All commands of the registry. */
  readonly commands: NamedCommands;
  /** Null: an operator, who may run anything. */
  readonly client: Pick<Client, "commands" | "rules"> | null;
  /** Whether the caller may run what it likes unless it is limited to commands. */
  readonly mayRun: boolean;
  /** The hosts that exist for the caller. */
  readonly hosts: ReadonlyMap<string, Host>;
}

/** Which commands exist for a caller: those that it may run, on some host that exists for it. */
export function findCommandRights(
  { commands, client, mayRun, hosts }: CommandRightsFacts,
): CommandRights {
  const own = client?.commands ?? null;
  const mayUse = ({ name, readOnly }: NamedCommand) =>
    own === null ? mayRun : own.has(name) && (readOnly || client?.rules.readOnly !== true);
  const isSomewhere = ({ hosts: own }: NamedCommand) =>
    own === null ? hosts.size > 0 : [...own].some((name) => hosts.has(name));
  return {
    commands: new Map(
      [...commands].filter(([, command]) => mayUse(command) && isSomewhere(command)),
    ),
    isAlone: own !== null,
  };
}

/** The names of the hosts that a command is for, of those that a caller sees. */
export function hostsOf(
  { hosts: own }: NamedCommand,
  visible: ReadonlyMap<string, Host>,
): readonly string[] {
  return [...visible.keys()].filter((name) => own?.has(name) ?? true);
}
