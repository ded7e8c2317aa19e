import { isJsonObject, type JsonObject } from "../../../lib/mcp/message.ts";
import { at } from "../../mcp/wire.ts";

/** Clients put up to 16 characters in front of a name, which may have 64 with them. */
const MAX_NAME = 48;
const MAX_DESCRIPTION = 1_000;
const MAX_PATTERN = 100;

/** Keywords with which some client or its model's API refuses the tool, or all tools. */
const REFUSED = [
  "$ref",
  "$defs",
  "allOf",
  "anyOf",
  "oneOf",
  "not",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "patternProperties",
  "propertyNames",
];

/** What in a tool, as it is listed, breaks one client or another; empty: nothing. */
export function findFaults(tool: unknown): readonly string[] {
  const name = String(at(tool, "name"));
  const shown = at(tool, "annotations", "title");
  const title = at(tool, "title") ?? shown;
  const input = at(tool, "inputSchema");
  const output = at(tool, "outputSchema");
  return [
    ...(/^[a-zA-Z0-9_-]+$/.test(name) && name.length <= MAX_NAME ? [] : ["name"]),
    ...(title && title === shown ? [] : ["title"]),
    ...(isDescribed(tool) ? [] : ["description"]),
    ...faultsOfInput(input).map((fault) => `input ${fault}`),
    ...(output === undefined ? [] : faultsOfOutput(output).map((fault) => `output ${fault}`)),
  ];
}

function faultsOfInput(schema: unknown): readonly string[] {
  const undescribed = Object.entries(at(schema, "properties") ?? {})
    .filter(([, property]) => !isDescribed(property)).map(([name]) => `description of ${name}`);
  return [
    ...(at(schema, "type") === "object" ? [] : ["type of all"]),
    ...undescribed,
    ...partsOf(schema).flatMap((part) => [
      ...faultsOfPart(part),
      ...(typeof part.type === "string" ? [] : ["type"]),
      ...(part.type === "object" && !isJsonObject(part.properties) ? ["properties"] : []),
      ...(part.type === "array" && !isJsonObject(part.items) ? ["items"] : []),
    ]),
  ];
}

function faultsOfOutput(schema: unknown): readonly string[] {
  return [
    ...(at(schema, "type") === "object" ? [] : ["type of all"]),
    ...partsOf(schema).flatMap((part) => [
      ...faultsOfPart(part),
      ...["enum", "const"].filter((keyword) => keyword in part),
      ...(part.additionalProperties === false ? ["additionalProperties"] : []),
    ]),
  ];
}

function faultsOfPart(part: JsonObject): readonly string[] {
  const isLong = typeof part.pattern === "string" && part.pattern.length > MAX_PATTERN;
  return [...REFUSED.filter((keyword) => keyword in part), ...(isLong ? ["pattern"] : [])];
}

function isDescribed(part: unknown): boolean {
  const description = at(part, "description");
  return typeof description === "string" && description !== "" &&
    description.length <= MAX_DESCRIPTION;
}

/** The schema and all schemas in it, but not what only has the name of a keyword. */
function partsOf(schema: unknown): readonly JsonObject[] {
  if (!isJsonObject(schema)) return [];
  const { properties, items, additionalProperties, anyOf } = schema;
  const inner = [
    ...(isJsonObject(properties) ? Object.values(properties) : []),
    ...(Array.isArray(anyOf) ? anyOf : []),
    items,
    additionalProperties,
  ];
  return [schema, ...inner.flatMap(partsOf)];
}
