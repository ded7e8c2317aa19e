import { parseArgs } from "node:util";

/** The options of the bench. */
export interface BenchOptions {
  /** Samples per row, taken in turns with those of the other rows. */
  readonly rounds: number;
  /** Length of a load sample. */
  readonly seconds: number;
  /** Names of the sections to run. */
  readonly sections: readonly string[];
  /** The Lua hub's program; null: no rows for it. */
  readonly luaFile: string | null;
  /** A compiled hub to measure; null: `deno run`. */
  readonly binary: string | null;
  /** A few short samples, to see that everything runs. */
  readonly isQuick: boolean;
  /** Print JSON instead of text. */
  readonly isJson: boolean;
}

const LIMITS = { rounds: 100, seconds: 60 };

/** Parses the arguments. Throws an `Error` for a bad one. */
export function parseOptions(
  args: readonly string[],
  sectionNames: readonly string[],
): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      only: { type: "string", multiple: true },
      lua: { type: "string" },
      binary: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  for (const name of values.only ?? []) {
    if (!sectionNames.includes(name)) {
      throw new Error(`Unknown section "${name}": there are ${sectionNames.join(", ")}`);
    }
  }
  const isQuick = values.quick;
  return {
    rounds: parseCount("rounds", values.rounds ?? (isQuick ? "1" : "3")),
    seconds: parseCount("seconds", values.seconds ?? (isQuick ? "0.1" : "2")),
    sections: values.only ?? sectionNames,
    luaFile: values.lua ?? null,
    binary: values.binary ?? null,
    isQuick,
    isJson: values.json,
  };
}

function parseCount(name: keyof typeof LIMITS, text: string): number {
  const value = Number(text);
  const isValid = value > 0 && value <= LIMITS[name] &&
    (name !== "rounds" || Number.isInteger(value));
  if (!isValid) throw new Error(`--${name} must be a number up to ${LIMITS[name]}, not "${text}"`);
  return value;
}
