import { z } from "zod";
import { isJsonObject, type JsonObject } from "../message.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The JSON Schema of a tool's arguments. */
export function toInputSchema(type: z.ZodObject): Record<string, unknown> {
  return toJsonSchema(type, "input", (schema) => {
    // Some validators complain of `{}`, which means the same.
    if (isEmpty(schema.additionalProperties)) schema.additionalProperties = true;
  });
}

/**
 * The JSON Schema of a tool's structured answers. It is open: a client may remember it, and must not
 * throw away the answer of a newer server with one more field, or one more value, after the call has
 * run. What values there are is for descriptions to say.
 */
export function toOutputSchema(type: z.ZodObject): Record<string, unknown> {
  return toJsonSchema(type, "output", (schema) => {
    delete schema.additionalProperties;
    delete schema.propertyNames;
    delete schema.enum;
    // zod adds one of 250 characters to `format`, which says the same.
    if (schema.format !== undefined) delete schema.pattern;
  });
}

/**
 * The schema of arguments for clients that pass it on to models: without limits, which are of no use
 * to a model, and without saying whether objects are closed. Some APIs refuse every request with
 * either (`additionalProperties`: Gemini's `parameters`; limits: OpenAI's strict mode), and n8n only
 * removes what it adds to arguments if the schema is not open (n8n-io/n8n#24263). The tool itself
 * still refuses what it does not accept.
 */
export function schemaForModels(inputSchema: JsonObject): Record<string, unknown> {
  const {
    minLength: _minLength,
    maxLength: _maxLength,
    minimum: _minimum,
    maximum: _maximum,
    additionalProperties: others,
    ...schema
  } = inputSchema;
  const { properties, items } = schema;
  return {
    ...schema,
    ...(isJsonObject(properties) && { properties: mapValues(properties, partForModels) }),
    ...(isJsonObject(items) && { items: partForModels(items) }),
    // Clients that make types of schemas drop what is in an object that neither has names nor is open.
    ...(others === true && isEmpty(properties) && { additionalProperties: true }),
  };
}

function partForModels(schema: unknown): unknown {
  return isJsonObject(schema) ? schemaForModels(schema) : schema;
}

function toJsonSchema(
  type: z.ZodObject,
  io: "input" | "output",
  reduce: (schema: JsonSchema) => void,
): Record<string, unknown> {
  // `$schema` is left out: 2020-12 is MCP's default, and older validators refuse its URL.
  const { $schema: _, ...schema } = z.toJSONSchema(type, {
    io,
    override: ({ jsonSchema }) => {
      reduce(jsonSchema);
      // zod bounds every integer by what a double holds, which is of no use to a model.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return schema;
}

function mapValues(object: JsonObject, change: (value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

function isEmpty(value: unknown): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}
