import { z } from "zod";
import type { Access } from "../access.ts";
import { hostsOf } from "./rights.ts";
import { argumentsText, usageOf } from "./usage.ts";

/** Named commands in structured answers. */
export const namedOutput = z.array(z.object({
  name: z.string(),
  description: z.string(),
  arguments: z.string().describe("(unit: [a-z]+, lines?: 1..500)"),
  hosts: z.array(z.string()).describe("The hosts where it may be run"),
  usage: z.string().describe("All of this in one line"),
})).describe("Named commands of remote_run");

/** One of them. */
export type FoundCommand = z.output<typeof namedOutput>[number];

/** What is asked for. */
export interface CommandQuery {
  /** Undefined or empty: any host. */
  readonly hostName: string | undefined;
  /** Words that name or description must hold, all of them. */
  readonly query: string;
  /** The name; undefined or empty: any. */
  readonly tool: string | undefined;
}

/** Finds the named commands that exist for a principal. */
export function findNamed(
  { hostName, query, tool }: CommandQuery,
  principal: string,
  access: Access,
): readonly FoundCommand[] {
  const { hosts } = access.hostsFor(principal);
  const words = query.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  return [...access.commandsFor(principal).commands.values()].flatMap((command) => {
    const { name, description } = command;
    const own = hostsOf(command, hosts);
    const text = `${name} ${description}`.toLowerCase();
    const isMeant = (!tool || tool === name) && (!hostName || own.includes(hostName)) &&
      words.every((word) => text.includes(word));
    if (!isMeant) return [];
    const usage = usageOf(command, hosts);
    return [{ name, description, arguments: argumentsText(command), hosts: [...own], usage }];
  });
}

/** Named commands for a model to read. */
export function namedText(commands: readonly FoundCommand[]): string {
  if (commands.length === 0) return "no such named command";
  const lines = commands.map(({ usage }) => `  ${usage}`);
  return ["named commands, for remote_run with name and args:", ...lines].join("\n");
}
