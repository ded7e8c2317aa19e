import { parseArgs } from "node:util";

/** The options of the comparison. */
export interface CompareOptions {
  /** The Lua hub's program; its own modules lie beside it. */
  readonly hub: string;
  /** Print differences that are known, too. */
  readonly showsAll: boolean;
  /** Print all comparisons as JSON. */
  readonly isJson: boolean;
}

/** Parses the arguments. Throws an `Error` for a bad one. */
export function parseOptions(args: readonly string[]): CompareOptions {
  const { values: { hub, all, json } } = parseArgs({
    args: [...args],
    options: {
      hub: { type: "string" },
      all: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  if (hub === undefined) throw new Error("--hub must name the Lua hub's program, as in hub.lua");
  return { hub, showsAll: all, isJson: json };
}
