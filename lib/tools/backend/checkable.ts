import type { z } from "zod";
import { foreignText } from "../../base/text/foreign_text.ts";
import { isJsonObject, type JsonObject } from "../../mcp/message.ts";

/** A JSON Schema as zod reads it. */
export type CheckableSchema = z.core.JSONSchema.JSONSchema;

/** Schemas within a schema that are read. */
const MAX_PARTS = 2_000;
const MAX_DEPTH = 50;
const MAX_ENUM = 1_000;
const MAX_DESCRIPTION = 100;

const TYPES = ["string", "number", "integer", "boolean", "null", "object", "array"] as const;
const BOUNDS = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
] as const;

/** Where a part of a schema is, and how much may still be read. */
interface Place {
  readonly root: JsonObject;
  readonly depth: number;
  /** The references that led here: one that leads back to itself is not followed. */
  readonly followed: readonly string[];
  readonly budget: { parts: number };
}

/** What can be checked of a schema, and the number of its parts. */
export interface Checkable {
  readonly schema: CheckableSchema;
  readonly parts: number;
}

/**
 * The part of a stranger's schema that can be checked at a bounded cost; null: it is too large. What
 * is left out forbids nothing: patterns (one can take for ever), formats, `not`, conditions.
 * References are resolved, so that those which double at each level are too large too.
 */
export function toCheckable(schema: JsonObject): Checkable | null {
  const budget = { parts: MAX_PARTS };
  const reduced = reduce(schema, { root: schema, depth: 0, followed: [], budget });
  if (budget.parts < 0) return null;
  // The arguments are an object, which many a schema leaves unsaid.
  return { schema: { ...reduced, type: "object" }, parts: MAX_PARTS - budget.parts };
}

function reduce(schema: unknown, place: Place): CheckableSchema {
  if (schema === false) return { not: {} };
  if (!isJsonObject(schema) || place.depth > MAX_DEPTH || --place.budget.parts < 0) return {};
  if (typeof schema.$ref === "string") return follow(schema.$ref, place);
  const inner = { ...place, depth: place.depth + 1 };
  const { description } = schema;
  return {
    ...(typeof description === "string" &&
      { description: foreignText(description, MAX_DESCRIPTION) }),
    ...reduceValue(schema, inner),
    ...reduceObject(schema, inner),
    ...reduceArray(schema, inner),
    ...reduceChoice(schema, inner),
  };
}

/** A local reference, as RFC 6901 has it. */
function follow($ref: string, place: Place): CheckableSchema {
  if (!$ref.startsWith("#") || place.followed.includes($ref)) return {};
  let target: unknown = place.root;
  for (const segment of $ref.slice(1).split("/").slice(1)) {
    const key = segment.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isJsonObject(target) || !Object.hasOwn(target, key)) return {};
    target = target[key];
  }
  const followed = [...place.followed, $ref];
  return reduce(target, { ...place, followed, depth: place.depth + 1 });
}

function reduceValue(schema: JsonObject, { budget }: Place): CheckableSchema {
  const { type, enum: values, const: value } = schema;
  const types = TYPES.filter((known) => known === type || listOf(type).includes(known));
  const isEnum = isPrimitives(values) && values.length <= MAX_ENUM;
  if (isEnum) budget.parts -= values.length;
  const bounds = BOUNDS.filter((bound) => typeof schema[bound] === "number");
  return {
    ...Object.fromEntries(bounds.map((bound) => [bound, schema[bound]])),
    ...(types.length > 0 && { type: types }),
    ...(isEnum && { enum: values }),
    ...(isPrimitive(value) && { const: value }),
  };
}

/** An argument that has a default may be left out, even where it is called required. */
function reduceObject(schema: JsonObject, inner: Place): CheckableSchema {
  const { required, additionalProperties: others, patternProperties } = schema;
  const stated = isJsonObject(schema.properties) ? schema.properties : {};
  const needed = listOf(required).filter((name) => typeof name === "string")
    .filter((name) => !hasDefault(stated, name));
  inner.budget.parts -= needed.length;
  if (inner.budget.parts < 0) return {};
  const isOpen = patternProperties !== undefined || others === undefined || others === true;
  return {
    properties: Object.fromEntries([
      ...needed.map((name) => [name, {}] as const),
      ...Object.entries(stated).map(([name, property]) => [name, reduce(property, inner)] as const),
    ]),
    required: needed,
    ...(!isOpen && { additionalProperties: others === false ? false : reduce(others, inner) }),
  };
}

function hasDefault(properties: JsonObject, name: string): boolean {
  const property = Object.hasOwn(properties, name) ? properties[name] : null;
  return isJsonObject(property) && property.default !== undefined;
}

function reduceArray({ items, prefixItems }: JsonObject, inner: Place): CheckableSchema {
  return isJsonObject(items) && prefixItems === undefined ? { items: reduce(items, inner) } : {};
}

/** `oneOf` is read as `anyOf`: that more than one fits is left for the backend to refuse. */
function reduceChoice({ anyOf, oneOf, allOf }: JsonObject, inner: Place): CheckableSchema {
  const [choice = [], all] = [anyOf ?? oneOf, allOf].map((parts) =>
    listOf(parts).map((part) => reduce(part, inner))
  );
  return {
    ...(choice.length > 0 && { anyOf: choice }),
    ...(all !== undefined && all.length > 0 && { allOf: all }),
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

type Primitive = string | number | boolean | null;

function isPrimitive(value: unknown): value is Primitive {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function isPrimitives(values: unknown): values is Primitive[] {
  return Array.isArray(values) && values.length > 0 && values.every(isPrimitive);
}
