import { isJsonObject, type JsonObject } from "../message.ts";

/** The texts that mean an integer, exactly as JSON writes it. */
const INTEGER = /^(0|-?[1-9]\d{0,15})$/;

/** What is done to an argument before it is checked. */
interface Reading {
  /** Null means that it was not given. */
  readonly dropsNull: boolean;
  /** What it may be written as a text. */
  readonly kind: "integer" | "boolean" | null;
}

/** Which arguments may be null, or be left out, by their names. */
export interface ArgumentReaderOptions {
  /** JSON Schema of all arguments, `type: "object"`. */
  readonly inputSchema: JsonObject;
  /** Names of the optional arguments that the schema does not allow to be null. */
  readonly dropsNull: ReadonlySet<string>;
}

/**
 * Makes the function that reads arguments as they were plainly meant: an optional one given as null
 * was not given, and an integer or a boolean may come as its exact text (`"5"`, `"true"`), as some
 * models write it. Whatever else is wrong is left for the check that follows.
 */
export function createArgumentReader(
  { inputSchema, dropsNull }: ArgumentReaderOptions,
): (args: JsonObject) => JsonObject {
  const properties = isJsonObject(inputSchema.properties) ? inputSchema.properties : {};
  const readings = new Map(
    Object.entries(properties).map(([name, schema]): [string, Reading] => [
      name,
      { dropsNull: dropsNull.has(name), kind: kindOf(schema) },
    ]),
  );

  return function readArguments(args) {
    const names = Object.keys(args);
    if (!names.some((name) => isChanged(args[name], readings.get(name)))) return args;
    return Object.fromEntries(names.flatMap((name) => {
      const [value, reading] = [args[name], readings.get(name)];
      if (!isChanged(value, reading)) return [[name, value]];
      return value === null ? [] : [[name, JSON.parse(String(value))]];
    }));
  };
}

function isChanged(value: unknown, reading: Reading | undefined): boolean {
  if (reading === undefined) return false;
  if (value === null) return reading.dropsNull;
  if (typeof value !== "string") return false;
  if (reading.kind === "integer") return INTEGER.test(value);
  return reading.kind === "boolean" && (value === "true" || value === "false");
}

/** Null: the argument may be a text itself, or is neither an integer nor a boolean. */
function kindOf(schema: unknown): Reading["kind"] {
  if (!isJsonObject(schema)) return null;
  const types: readonly unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type];
  const [kind, ...others] = types.filter((type) => type !== "null");
  if (others.length > 0) return null;
  return kind === "integer" || kind === "boolean" ? kind : null;
}
