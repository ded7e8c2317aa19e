import { z } from "zod";
import { foreignText } from "../../base/text/foreign_text.ts";
import { describeProblems } from "../../mcp/arguments/problems.ts";
import type { JsonObject } from "../../mcp/message.ts";
import { type CheckableSchema, toCheckable } from "./checkable.ts";

/** Parts of the schema times values in the arguments: each may be held against each. */
const MAX_CHECKS = 100_000;
const MAX_PROBLEMS = 5;
/** Characters of one problem, which can hold words of the schema. */
const MAX_PROBLEM = 300;

/**
 * What is wrong with arguments by a backend's own schema; null: nothing, as far as the schema can be
 * read. It never finds fault with what the schema allows: the backend looks at them again.
 */
export function findArgumentFault(args: JsonObject, schema: JsonObject | null): string | null {
  const checkable = schema && toCheckable(schema);
  if (checkable === null || exceeds(args, MAX_CHECKS / checkable.parts)) return null;
  const problems = findProblems(args, checkable.schema);
  if (problems.length === 0) return null;
  const first = problems.slice(0, MAX_PROBLEMS);
  const shown = describeProblems(first, naming(first, checkable.schema)).split("\n")
    .map((line) => foreignText(line.replace(/^Error: /, ""), MAX_PROBLEM));
  const more = problems.length - MAX_PROBLEMS;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join("; ");
}

/** The schema with the arguments in question among its properties, also those that it does not name. */
function naming(problems: readonly z.core.$ZodIssue[], schema: CheckableSchema): CheckableSchema {
  const { additionalProperties: others, properties } = schema;
  if (typeof others !== "object") return schema;
  const unnamed = problems.map(({ path: [name] }) => [String(name), others] as const);
  return { ...schema, properties: { ...Object.fromEntries(unnamed), ...properties } };
}

/** Whether a value holds more values than so many. */
function exceeds(value: unknown, most: number): boolean {
  const waiting = [value];
  let count = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (++count > most) return true;
    if (typeof next !== "object" || next === null) continue;
    for (const held of Object.values(next)) {
      if (count + waiting.length >= most) return true;
      waiting.push(held);
    }
  }
  return false;
}

/** A stranger's schema can make zod throw in ways of its own; then it cannot be read. */
function findProblems(args: JsonObject, schema: CheckableSchema) {
  try {
    const type = z.fromJSONSchema(schema, { registry: z.registry() });
    // Without `jitless` zod would make code of the schema's names.
    return type.safeParse(args, { reportInput: true, jitless: true }).error?.issues ?? [];
  } catch {
    return [];
  }
}
