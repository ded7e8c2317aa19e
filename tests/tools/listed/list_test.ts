import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";
import { createAgentTools } from "../../../lib/agent/catalog.ts";
import { TOOL_NAMES } from "../../../lib/fleet/rules.ts";
import { INSTRUCTIONS } from "../../../lib/hub/instructions.ts";
import { isJsonObject, type JsonObject } from "../../../lib/mcp/message.ts";
import { createToolTables } from "../../../lib/mcp/table.ts";
import type { Tool } from "../../../lib/mcp/tool.ts";
import { createProfiles } from "../../../lib/tools/profiles.ts";
import { PLAIN_AGENT } from "../../agent/agent.ts";
import { at } from "../../mcp/wire.ts";
import { outputOptions } from "../../outputs/options.ts";
import { createTools } from "../tool_calls.ts";
import { findFaults } from "./faults.ts";

/** What the list of all tools may cost a model. */
const MAX_LIST_BYTES = 12 * 1024;
const MAX_INSTRUCTIONS = 2_000;
const ERAS = ["legacy", "modern"] as const;

const TOOLS = createTools();
const toolsOf = createProfiles({
  ...outputOptions(),
  settings: { maxChars: 30_000, waitMs: 45_000 },
});
const FOR_MODELS = toolsOf(TOOLS, "text");
const LISTS: readonly (readonly [server: string, tools: readonly Tool[]])[] = [
  ["the hub for models", FOR_MODELS],
  ["the hub for programs", toolsOf(TOOLS, "structured")],
  ["the agent", createAgentTools(PLAIN_AGENT)],
];

const tableOf = createToolTables({ name: "hub", version: "1.0.0" });

function listed(tools: readonly Tool[], era: typeof ERAS[number]): readonly unknown[] {
  const list = at(JSON.parse(tableOf(tools).listJson[era]), "tools");
  assert.ok(Array.isArray(list) && list.length === tools.length);
  return list;
}

for (const [server, tools] of LISTS) {
  for (const era of ERAS) {
    Deno.test(`tools/list of ${server} breaks no client (${era})`, () => {
      const faults = listed(tools, era).map((tool) => [at(tool, "name"), findFaults(tool)]);
      assert.deepEqual(faults, tools.map(({ name }) => [name, []]));
    });
  }
}

const GOOD = {
  name: "good",
  title: "Good",
  description: "Does good",
  inputSchema: {
    type: "object",
    properties: { pattern: { type: "string", description: "A pattern" } },
  },
  annotations: { title: "Good" },
};

/** A tool with an argument or a field that is like this, and what is wrong with it. */
function withArgument(schema: JsonObject): JsonObject {
  const a = { description: "An argument", ...schema };
  return { ...GOOD, inputSchema: { type: "object", properties: { a } } };
}

function withField(schema: JsonObject): JsonObject {
  return { ...GOOD, outputSchema: { type: "object", properties: { a: schema } } };
}

const FAULTS: readonly (readonly [tool: JsonObject, faults: readonly string[]])[] = [
  [GOOD, []],
  [{ ...GOOD, name: "n".repeat(49) }, ["name"]],
  [{ ...GOOD, name: "two words" }, ["name"]],
  [{ ...GOOD, annotations: {} }, ["title"]],
  [{ ...GOOD, title: undefined, annotations: {} }, ["title"]],
  [{ ...GOOD, description: "" }, ["description"]],
  [{ ...GOOD, description: "d".repeat(1_001) }, ["description"]],
  [withArgument({ type: "string", description: undefined }), ["input description of a"]],
  [withArgument({ type: "string", description: "d".repeat(1_001) }), ["input description of a"]],
  [withArgument({ type: "integer", exclusiveMinimum: 0 }), ["input exclusiveMinimum"]],
  [withArgument({ type: "integer", exclusiveMaximum: 9 }), ["input exclusiveMaximum"]],
  [withArgument({ type: "string", pattern: "p".repeat(101) }), ["input pattern"]],
  [withArgument({ $ref: "#/a" }), ["input $ref", "input type"]],
  [withArgument({ anyOf: [{ type: "string" }] }), ["input anyOf", "input type"]],
  [withArgument({ oneOf: [] }), ["input oneOf", "input type"]],
  [withArgument({ type: ["string", "null"] }), ["input type"]],
  [withArgument({ type: "array" }), ["input items"]],
  [withArgument({ type: "object" }), ["input properties"]],
  [withArgument({ type: "array", items: { type: "integer", exclusiveMinimum: 0 } }), [
    "input exclusiveMinimum",
  ]],
  [withField({ type: "string" }), []],
  [withField({ type: ["string", "null"] }), []],
  [withField({ type: "string", enum: ["a"] }), ["output enum"]],
  [withField({ anyOf: [{ type: "string", enum: ["a"] }] }), ["output anyOf", "output enum"]],
  [withField({ type: "string", pattern: "p".repeat(101) }), ["output pattern"]],
  [withField({ type: "object", additionalProperties: false }), ["output additionalProperties"]],
  [withField({ type: "object", additionalProperties: { $ref: "#" } }), ["output $ref"]],
];

Deno.test("findFaults() finds what breaks clients", () => {
  for (const [tool, faults] of FAULTS) {
    assert.deepEqual(findFaults(tool), faults, JSON.stringify(tool));
  }
});

Deno.test("tools/list of the hub has arguments without limits, and none that says it is closed", () => {
  const inputs = listed(FOR_MODELS, "legacy").map((tool) =>
    JSON.stringify(at(tool, "inputSchema"))
  );
  assert.doesNotMatch(inputs.join(), /"(min|max)(Length|imum)"|"additionalProperties":false/);
  const open = inputs.join().match(/.{50}"additionalProperties"/g) ?? [];
  assert.deepEqual(open.length, 1, open.join());
});

Deno.test("tools/list of the hub is short enough for a model to read at each start", () => {
  for (const era of ERAS) {
    const bytes = Buffer.byteLength(tableOf(FOR_MODELS).listJson[era]);
    assert.ok(bytes <= MAX_LIST_BYTES, `${bytes} bytes`);
  }
});

Deno.test("the hub's instructions are short enough for every client", () => {
  assert.ok(INSTRUCTIONS.length <= MAX_INSTRUCTIONS, `${INSTRUCTIONS.length} characters`);
});

Deno.test("descriptions and instructions name only tools that exist, and in words of everyday use", () => {
  const texts = [INSTRUCTIONS, ...listed(FOR_MODELS, "legacy").map((tool) => JSON.stringify(tool))];
  for (const text of texts) {
    for (const [name] of text.matchAll(/\bremote_[a-z_]*[a-z]\b/g)) {
      assert.ok(TOOL_NAMES.some((known) => known === name), name);
    }
    assert.doesNotMatch(text, /backend|lmcp-primary|re-probe|transport/i);
  }
});

Deno.test("every tool that can leave its outcome unknown says what to do then", () => {
  const changing = TOOLS.filter(({ readOnly, annotations }) =>
    !readOnly && annotations.idempotentHint === false
  );
  assert.equal(changing.length, 5);
  for (const { name, description } of changing) {
    assert.match(description, /outcome.*before you repeat it/i, name);
  }
});

Deno.test("the tools that are needed most are loaded without a search", () => {
  const loaded = TOOLS.filter(({ meta }) => meta?.["anthropic/alwaysLoad"]);
  assert.deepEqual(loaded.map(({ name }) => name), ["remote_list_hosts", "remote_shell"]);
});

/** A value that fits a schema as a program of today reads it. */
function valueFor(schema: unknown): unknown {
  const type = at(schema, "type");
  switch (Array.isArray(type) ? type[0] : type) {
    case "string":
      return at(schema, "format") === "date-time" ? "2030-01-01T00:00:00.000Z" : "a new value";
    case "integer":
    case "number":
      return 1;
    case "boolean":
      return true;
    case "array":
      return [valueFor(at(schema, "items"))];
    default:
      return { ...objectFor(schema), a_new_field: 1 };
  }
}

function objectFor(schema: unknown): JsonObject {
  const properties = at(schema, "properties");
  if (!isJsonObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, valueFor(property)]),
  );
}

Deno.test("the official client accepts a newer hub's answers by the output schemas of this one", () => {
  const validator = new AjvJsonSchemaValidator();
  for (const { name, outputSchema } of TOOLS) {
    assert.ok(outputSchema !== undefined, name);
    const validate = validator.getValidator(outputSchema);
    assert.equal(validate(valueFor(outputSchema)).errorMessage, undefined, name);
    assert.equal(validate({}).valid, false, name);
  }
});
