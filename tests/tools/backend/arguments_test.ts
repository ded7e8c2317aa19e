import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { findArgumentFault } from "../../../lib/tools/backend/arguments.ts";
import { assertCheap } from "../../assert_cheap.ts";

const faultOf = (schema: JsonObject | null, args: JsonObject) => findArgumentFault(args, schema);

/** An object with one property `a`. */
function withA(a: unknown, rest: JsonObject = {}): JsonObject {
  return { type: "object", properties: { a }, ...rest };
}

/** A schema of 3,000 parts. */
function withMany(keyword: "properties" | "required"): JsonObject {
  const names = Array.from({ length: 3_000 }, (_, index) => `a${index}`);
  if (keyword === "required") return { type: "object", required: names };
  return { properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])) };
}

const FITS: readonly (readonly [what: string, schema: JsonObject | null, args: JsonObject])[] = [
  ["no schema", null, { a: 1 }],
  ["an empty schema", {}, { a: 1 }],
  ["no properties", { type: "object" }, { a: 1 }],
  ["Lua's empty tables", { type: "object", properties: [], required: {} }, { a: 1 }],
  ["an argument that is not named", withA({ type: "string" }), { b: [{}] }],
  ["an optional argument left out", withA({ type: "string" }), {}],
  ["a required argument with a default", withA({ default: 1 }, { required: ["a"] }), {}],
  ["a boolean schema", withA(true), { a: 1 }],
  ["a list of types", withA({ type: ["integer", "null"] }), { a: null }],
  ["a text in other characters", withA({ type: "string", maxLength: 2 }), { a: "😀😀" }],
  ["a pattern", withA({ type: "string", pattern: "^x$" }), { a: "y" }],
  ["a bad pattern", withA({ type: "string", pattern: "(" }), { a: "y" }],
  ["a format", withA({ type: "string", format: "date-time" }), { a: "tomorrow" }],
  ["not", withA({ not: { type: "string" } }), { a: "x" }],
  ["a condition", { if: withA({ const: 1 }), then: { required: ["b"] } }, { a: 1 }],
  ["what only newer drafts know", withA({}, { unevaluatedProperties: false }), { b: 1 }],
  ["both of oneOf", withA({ oneOf: [{ type: "integer" }, { type: "number" }] }), { a: 1 }],
  ["an enum of objects", withA({ enum: [{ x: 1 }] }), { a: { x: 1 } }],
  ["a constant object", withA({ const: { x: 1 } }), { a: { x: 1 } }],
  ["a type that nobody knows", withA({ type: "date" }), { a: 1 }],
  ["nonsense", { type: 5, properties: 7, required: "a", allOf: {}, anyOf: "x", enum: 1 }, { a: 1 }],
  ["names for a pattern", {
    type: "object",
    patternProperties: { "^x-": { type: "string" } },
    additionalProperties: false,
  }, { "x-1": 2 }],
  ["a tuple", withA({ type: "array", items: [{ type: "string" }] }), { a: [1] }],
  ["a tuple of newer drafts", withA({ prefixItems: [{}], items: { type: "null" } }), { a: [1] }],
  ["a reference to elsewhere", withA({ $ref: "https://example.org/x" }), { a: 1 }],
  ["a reference to nothing", withA({ $ref: "#/$defs/none" }), { a: 1 }],
  ["a reference to itself", { $ref: "#" }, { a: 1 }],
  ["a tree", {
    type: "object",
    properties: { tree: { $ref: "#/$defs/node" } },
    $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
  }, { tree: { next: { next: {} } } }],
  ["more properties than are read", withMany("properties"), { a0: 1 }],
  ["more required names than are read", withMany("required"), {}],
  ["odd names", withA({}, { required: ["__proto__"] }), JSON.parse('{"__proto__":1}')],
];

for (const [what, schema, args] of FITS) {
  Deno.test(`findArgumentFault() lets pass ${what}`, () => {
    assert.equal(faultOf(schema, args), null);
  });
}

const A_STRING = { type: "string", description: "Name of\nthe \u202eunit" };

/** Refers to itself twice, at each level. */
const BINARY_TREE = {
  type: "object",
  properties: { left: { $ref: "#" }, right: { $ref: "#" }, size: { type: "number" } },
};

const FAULTS: readonly (readonly [schema: JsonObject, args: JsonObject, fault: string])[] = [
  [withA(A_STRING, { required: ["a"] }), {}, "missing `a` parameter (string: Name of the unit)"],
  [withA(A_STRING), { a: 5 }, "bad `a` parameter: 5 is not a string (string: Name of the unit)"],
  [{ required: ["b"] }, {}, "missing `b` parameter (any value)"],
  [withA({}, { required: ["a"] }), {}, "missing `a` parameter (any value)"],
  [
    withA({ type: "string" }, { additionalProperties: false }),
    { a: "x", b: 1 },
    "unknown `b` parameter (accepted: `a`)",
  ],
  [
    withA({}, { additionalProperties: { type: "string" } }),
    { b: 1 },
    "bad `b` parameter: 1 is not a string (string)",
  ],
  [
    withA({ enum: ["x", "y"] }),
    { a: "z" },
    'bad `a` parameter: "z" is not one of "x", "y" (one of "x", "y")',
  ],
  [
    withA({ type: "integer", minimum: 3 }),
    { a: 2 },
    "bad `a` parameter: 2: Too small: expected number to be >=3 (integer)",
  ],
  [
    withA({ type: ["string", "null"] }),
    { a: 1 },
    "bad `a` parameter: 1 is not a string or null (string or null)",
  ],
  [
    withA({ anyOf: [{ type: "string" }, { type: "null" }] }),
    { a: 1 },
    "bad `a` parameter: 1 is not a string or null (string or null)",
  ],
  [
    withA({ type: "array", items: { type: "string" } }),
    { a: ["x", 1] },
    "bad `a[1]` parameter: 1 is not a string (array)",
  ],
  [
    withA({ $ref: "#/$defs/b~1c" }, { $defs: { "b/c": { type: "boolean" } } }),
    { a: "yes" },
    'bad `a` parameter: "yes" is not a boolean (boolean)',
  ],
  [
    withA({ $ref: "#/definitions/b" }, { definitions: { b: { type: "boolean" } } }),
    { a: "yes" },
    'bad `a` parameter: "yes" is not a boolean (boolean)',
  ],
  [BINARY_TREE, { size: "x" }, 'bad `size` parameter: "x" is not a number (number)'],
  [
    { allOf: [{ type: "object", required: ["a"] }, withA({ type: "string" })] },
    {},
    "missing `a` parameter (any value)",
  ],
];

for (const [schema, args, fault] of FAULTS) {
  Deno.test(`findArgumentFault() of ${JSON.stringify(schema).slice(0, 90)}`, () => {
    assert.equal(faultOf(schema, args), fault);
  });
}

Deno.test("findArgumentFault() names five problems, and counts the rest", () => {
  const required = Array.from({ length: 8 }, (_, index) => `a${index}`);
  const fault = faultOf({ type: "object", required }, {}) ?? "";
  assert.equal(fault.split("; ").length, 6);
  assert.match(fault, /^missing `a0` parameter .*`a4` parameter \(any value\); 3 more$/);
});

Deno.test("findArgumentFault() does not repeat a long text", () => {
  const schema = withA({ type: "string", description: "x".repeat(5_000) }, { required: ["a"] });
  assert.ok((faultOf(schema, {}) ?? "").length < 200);
  const many = Array.from({ length: 900 }, (_, index) => `value${index}`);
  const fault = faultOf(withA({ enum: many }), { a: "z" }) ?? "";
  assert.ok(fault.length <= 300 && fault.endsWith("…"), fault);
});

/** Each level refers to the next one twice: 2^levels parts. */
function doubling(levels: number): JsonObject {
  const $defs = Object.fromEntries(Array.from({ length: levels }, (_, level) => {
    const next = { $ref: `#/$defs/d${level + 1}` };
    return [`d${level}`, { anyOf: [{ ...next }, next, { type: "null" }] }];
  }));
  return withA({ $ref: "#/$defs/d0" }, { $defs: { ...$defs, [`d${levels}`]: { type: "null" } } });
}

function nested(levels: number): JsonObject {
  return levels === 0 ? { type: "string" } : withA(nested(levels - 1));
}

function nestedTypes(levels: number): JsonObject {
  if (levels === 0) return { type: "string" };
  return withA(nestedTypes(levels - 1), { type: Array.from({ length: 20 }, () => "object") });
}

const COSTLY: (readonly [what: string, schema: JsonObject, a: unknown])[] = [
  [
    "a pattern that backtracks",
    withA({ type: "string", pattern: "^(a+)+$" }),
    `${"a".repeat(50)}!`,
  ],
  ["references that double", doubling(60), 1],
  ["800 levels", nested(800), {}],
  ["types that are repeated", nestedTypes(30), {}],
  ["100,000 properties", {
    properties: Object.fromEntries(
      Array.from({ length: 100_000 }, (_, index) => [`p${index}`, { type: "string" }]),
    ),
  }, 1],
  ["a required list of 50,000 names", {
    required: Array.from({ length: 50_000 }, (_, index) => `p${index}`),
  }, 1],
  [
    "100,000 alternatives for 100,000 items",
    withA({
      type: "array",
      items: { anyOf: Array.from({ length: 100_000 }, () => ({ type: "null" })) },
    }),
    Array.from({ length: 100_000 }, () => 1),
  ],
];

const NULLS = { anyOf: Array.from({ length: 900 }, () => ({ type: "null" })) };

for (const count of [100, 10_000, 400_000]) {
  const items = Array.from({ length: count }, () => 1);
  COSTLY.push([
    `900 alternatives for ${count} items`,
    withA({ type: "array", items: NULLS }),
    items,
  ]);
}

for (const [what, schema, a] of COSTLY) {
  Deno.test(`findArgumentFault() is done with ${what} in no time`, async () => {
    await assertCheap(1_000, () => faultOf(schema, { a }));
  });
}
