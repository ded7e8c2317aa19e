import { parseArgs } from "node:util";
import { alternatives } from "../base/text/alternatives.ts";
import { didYouMean } from "../base/text/near_names.ts";
import { FLAGS, LONG_FLAGS, PLAIN_FLAGS } from "./flags.ts";

/** A command line that cannot be parsed; the message is one line and names the flag. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The values of each flag given; none for a flag without value. */
export type Given = ReadonlyMap<string, readonly string[]>;

/** A command line, split into flags and other arguments. */
export interface Scan {
  readonly given: Given;
  readonly positionals: readonly string[];
}

/**
 * Splits arguments into flags and others; throws `UsageError`. `strict: false`, since Node's own messages span lines
 * and advise what this program refuses.
 */
export function scan(args: readonly string[]): Scan {
  const valued = [...FLAGS].filter(([, flag]) => flag.value !== null);
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(valued.map(([name]) => [name, { type: "string" }] as const)),
      help: { type: "boolean", short: "h" },
      version: { type: "boolean", short: "V" },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const values = given.get(name) ?? [];
    given.set(name, values);
    if (takesValue(name, rawName, args[token.index] ?? rawName)) {
      const isNextFlag = !inlineValue && value?.startsWith("-");
      if (!value || isNextFlag) throw new UsageError(`"${rawName}" needs a value`);
      values.push(value);
    } else if (inlineValue) {
      throw new UsageError(`"${rawName}" takes no value`);
    }
  }
  return { given, positionals };
}

/** Whether a flag takes a value; throws `UsageError` for an unknown flag, which is in `argument`. */
function takesValue(name: string, rawName: string, argument: string): boolean {
  const flag = FLAGS.get(name);
  if (flag !== undefined && rawName === `--${name}`) return flag.value !== null;
  if (PLAIN_FLAGS.some((plain) => plain === name)) return false;
  // What follows one dash is parsed as one flag a letter: "-probe" as -p, -r and so on.
  const written = rawName.startsWith("--") ? rawName : argument;
  const wanted = written.replace(/^-(?=[^-].)/, "--");
  throw new UsageError(`unknown flag "${written}"${didYouMean(wanted, LONG_FLAGS)}`);
}

/** A flag given twice counts as given last, so that a wrapper's flags can be overridden. */
export function last(given: Given, name: string): string | null {
  return given.get(name)?.at(-1) ?? null;
}

/** The value of a flag that takes one of several; the first of them is the default. */
export function choice<const Name extends string>(
  given: Given,
  name: string,
  values: readonly [Name, ...Name[]],
): Name {
  const text = last(given, name);
  if (text === null) return values[0];
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) {
    throw new UsageError(`"--${name}" must be ${alternatives(values)}, not "${text}"`);
  }
  return value;
}
