import {
  type ArgumentType,
  type CommandArgument,
  DEFAULT_MAX_LENGTH,
  readValue,
} from "../../../work/commands/argument.ts";
import { beginsWithDash, compilePattern } from "./pattern.ts";
import type { ArgumentFields } from "./schema.ts";

/** Steps of a pattern times characters, 20 ns each: 3 ms, of which a call can need sixteen. */
const MAX_STEPS = 150_000;

/** What is wrong with a field of an argument. */
export interface ArgumentFault {
  /** Empty: the argument as a whole. */
  readonly field: string;
  readonly message: string;
}

/** An argument, or what is wrong with it. */
export type ReadArgument = CommandArgument | ArgumentFault;

/** A pattern or a list of values is short for a table with nothing else. */
export function toArgumentTable(value: unknown): unknown {
  if (typeof value === "string") return { pattern: value };
  return Array.isArray(value) ? { values: value } : value;
}

/** Reads an argument whose fields are valid, each by itself. */
export function readArgument(fields: ArgumentFields): ReadArgument {
  const type = readType(fields);
  if ("message" in type) return type;
  const { default: given, optional: isOptional = false } = fields;
  if (given !== undefined && isOptional) {
    return fault("optional", "has no effect with a default: keep one of them");
  }
  if (given === undefined) return { type, default: null, isOptional };
  const read = readValue(given, type);
  return "text" in read
    ? { type, default: read.text, isOptional }
    : fault("default", "is not a value of the argument");
}

function readType(fields: ArgumentFields): ArgumentType | ArgumentFault {
  const { pattern, values, min, max } = fields;
  const kinds = [pattern, values, min ?? max].filter((field) => field !== undefined);
  if (kinds.length !== 1) {
    return fault("", "must have one of pattern, values, or min and max");
  }
  if (pattern === undefined) {
    const idle = (["max_length", "multiline"] as const).find((name) => fields[name] !== undefined);
    if (idle !== undefined) return fault(idle, "goes with pattern");
  }
  if (values !== undefined) return { kind: "choice", values };
  if (pattern !== undefined) return readTextType(pattern, fields);
  if (min === undefined || max === undefined) return fault("", "must have both min and max");
  return min <= max ? { kind: "number", min, max } : fault("max", "must not be less than min");
}

function readTextType(
  pattern: string,
  { max_length: maxLength = DEFAULT_MAX_LENGTH, multiline = false }: ArgumentFields,
): ArgumentType | ArgumentFault {
  const compiled = compilePattern(pattern);
  if (typeof compiled === "string") return fault("pattern", compiled);
  const { matches, steps } = compiled;
  if (steps * maxLength > MAX_STEPS) {
    return fault("pattern", "takes too long to match: shorten it, or set a smaller max_length");
  }
  const isOption = beginsWithDash(pattern);
  return { kind: "text", pattern, matches, maxLength, multiline, isOption };
}

function fault(field: string, message: string): ArgumentFault {
  return { field, message };
}
