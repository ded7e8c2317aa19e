import assert from "node:assert/strict";
import { z } from "zod";
import { schemaForModels, toInputSchema, toOutputSchema } from "../../../lib/mcp/json/schema.ts";

Deno.test("toInputSchema() says all that is accepted", () => {
  const schema = toInputSchema(z.strictObject({
    word: z.string().min(1).max(9),
    count: z.int().optional(),
    any: z.looseObject({}).optional(),
  }));
  assert.deepEqual(schema, {
    type: "object",
    properties: {
      word: { type: "string", minLength: 1, maxLength: 9 },
      count: { type: "integer" },
      any: { type: "object", properties: {}, additionalProperties: true },
    },
    required: ["word"],
    additionalProperties: false,
  });
});

Deno.test("schemaForModels() leaves out limits, and nothing of the same name", () => {
  const schema = toInputSchema(z.object({
    maximum: z.int().min(1).max(9).describe("Most"),
    word: z.string().min(1).max(9).optional(),
    edits: z.array(z.object({ old: z.string().max(9) })).optional(),
    mode: z.enum(["a", "b"]).optional(),
  }));
  assert.deepEqual(schemaForModels(schema), {
    type: "object",
    properties: {
      maximum: { type: "integer", description: "Most" },
      word: { type: "string" },
      edits: {
        type: "array",
        items: { type: "object", properties: { old: { type: "string" } }, required: ["old"] },
      },
      mode: { type: "string", enum: ["a", "b"] },
    },
    required: ["maximum"],
  });
});

Deno.test("schemaForModels() says that an object may hold anything only where it names nothing", () => {
  for (const type of [z.object, z.looseObject, z.strictObject]) {
    const schema = toInputSchema(type({ any: z.looseObject({}), none: z.strictObject({}) }));
    assert.deepEqual(schemaForModels(schema), {
      type: "object",
      properties: {
        any: { type: "object", properties: {}, additionalProperties: true },
        none: { type: "object", properties: {} },
      },
      required: ["any", "none"],
    });
  }
});

Deno.test("toOutputSchema() leaves room for the fields and the values of a newer server", () => {
  const schema = toOutputSchema(z.object({
    outcome: z.enum(["ok", "failed"]).describe("ok or failed"),
    via: z.enum(["lmcp", "ssh"]).nullable().describe("lmcp or ssh"),
    at: z.iso.datetime(),
    parts: z.array(z.object({ size: z.int() })),
    details: z.record(z.string(), z.unknown()).nullable(),
  }));
  assert.deepEqual(schema, {
    type: "object",
    properties: {
      outcome: { type: "string", description: "ok or failed" },
      via: { type: ["string", "null"], description: "lmcp or ssh" },
      at: { type: "string", format: "date-time" },
      parts: {
        type: "array",
        items: { type: "object", properties: { size: { type: "integer" } }, required: ["size"] },
      },
      details: { type: ["object", "null"] },
    },
    required: ["outcome", "via", "at", "parts", "details"],
  });
});
