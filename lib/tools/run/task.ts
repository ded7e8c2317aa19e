import { nearNames } from "../../base/text/near_names.ts";
import { fillCommand, toShellLine } from "../../work/commands/fill.ts";
import type { NamedCommand, NamedCommands } from "../../work/commands/named_command.ts";
import { DEFAULT_TIMEOUT_SECONDS } from "../../work/shell.ts";
import { luaQuote } from "../lua_quote.ts";
import { nearHint } from "../near_hint.ts";
import type { RunArgs } from "./input.ts";
import type { HostCommand } from "./work.ts";

/** What a run does on each host, or why it may not, a line for each reason. */
export type RunTask =
  | {
    readonly kind: "task";
    readonly work: HostCommand;
    /** Null: the caller wrote what is run. */
    readonly named: NamedCommand | null;
  }
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

/** Reads what a call runs; `commands` are those that exist for its caller. */
export function readTask(args: RunArgs, commands: NamedCommands): RunTask {
  const { command, name, cwd, timeout = DEFAULT_TIMEOUT_SECONDS } = args;
  if (name !== undefined) return readNamed(name, args, commands);
  if (command === undefined) {
    return refused("missing `command` parameter, or `name` of a named command");
  }
  if (args.args !== undefined) return refused("`args` goes with `name`, not with `command`");
  return { kind: "task", work: { command, cwd, timeoutSeconds: timeout }, named: null };
}

function readNamed(name: string, args: RunArgs, commands: NamedCommands): RunTask {
  const { command, cwd, args: given = {}, timeout = Infinity } = args;
  if (command !== undefined) return refused("give `command` or `name`, not both");
  if (cwd !== undefined) return refused("`cwd` goes with `command`, not with `name`");
  const named = commands.get(name);
  if (named === undefined) return refused(unknownCommand(name, commands));
  const filled = fillCommand(named, given);
  if (filled.kind === "refused") return { kind: "refused", reasons: filled.faults };
  return {
    kind: "task",
    work: {
      command: toShellLine(filled.vector),
      cwd: undefined,
      timeoutSeconds: Math.min(timeout, named.timeoutSeconds),
    },
    named,
  };
}

function refused(reason: string): RunTask {
  return { kind: "refused", reasons: [reason] };
}

function unknownCommand(name: string, commands: NamedCommands): string {
  return `unknown command ${luaQuote(name)}${nearHint(nearNames(name, commands.keys()))}`;
}
