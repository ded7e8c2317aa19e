import type { CommandArgument } from "./argument.ts";
import type { Element } from "./template.ts";

/** A command that callers run by its name: they choose its arguments, and nothing else. */
export interface NamedCommand {
  readonly name: string;
  /** What it is for, in one line; empty: nobody has said so. */
  readonly description: string;
  /** Its argument vector; the first element, which is the program, has no place. */
  readonly run: readonly Element[];
  /** By name. Each has a place, and each place has one. */
  readonly arguments: ReadonlyMap<string, CommandArgument>;
  /** Names of the hosts that it is for; null: all. */
  readonly hosts: ReadonlySet<string> | null;
  /** Whether it changes nothing, so that whoever may only read may run it. */
  readonly readOnly: boolean;
  /** Whether a person must allow each call of it. */
  readonly mustBeConfirmed: boolean;
  /** The longest that it may run. */
  readonly timeoutSeconds: number;
  /** All of this as a text, to see whether two are the same. */
  readonly definition: string;
}

/** Named commands by their names. */
export type NamedCommands = ReadonlyMap<string, NamedCommand>;
