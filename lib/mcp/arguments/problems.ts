import type { z } from "zod";
import { isJsonObject, type JsonObject } from "../message.ts";
import { showValue } from "./shown_value.ts";

/**
 * The lines that explain to a caller, mostly a model, how to fix its arguments: one per problem, each
 * starting with `Error: ` and naming the argument, what is wrong and what is accepted.
 */
export function describeProblems(
  issues: readonly z.core.$ZodIssue[],
  inputSchema: JsonObject,
): string {
  return issues.map((issue) => `Error: ${describeIssue(issue, inputSchema)}`).join("\n");
}

/** Says that some parameters are unknown, and which are not. */
export function describeUnknown(names: readonly string[], accepted: readonly string[]): string {
  return `unknown ${quoteNames(names)} parameter (accepted: ${quoteNames(accepted)})`;
}

function describeIssue(issue: z.core.$ZodIssue, inputSchema: JsonObject): string {
  const properties = isJsonObject(inputSchema.properties) ? inputSchema.properties : {};
  if (issue.code === "unrecognized_keys") {
    return describeUnknown(issue.keys, Object.keys(properties));
  }
  const [name] = issue.path;
  const property = name === undefined ? undefined : properties[String(name)];
  const schema = isJsonObject(property) ? property : {};
  const isWhole = issue.path.length === 1;
  const kind = isWhole ? kindOf(schema) : expectedKind(issue);
  const problem = isWhole && issue.input === undefined
    ? `missing ${quoteNames([formatPath(issue.path)])} parameter`
    : `bad ${quoteNames([formatPath(issue.path)])} parameter: ${describeValue(issue, kind)}`;
  const description = typeof schema.description === "string" ? `: ${schema.description}` : "";
  return `${problem} (${kindOf(schema)}${description})`;
}

function describeValue(issue: z.core.$ZodIssue, kind: string): string {
  const value = showValue(issue.input);
  switch (issue.code) {
    case "invalid_type":
    case "invalid_value":
    case "invalid_union":
      return `${value} is not ${withArticle(kind)}`;
    default:
      return `${value}: ${issue.message}`;
  }
}

function expectedKind(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_type") return "an accepted value";
  return issue.expected === "int" ? "integer" : issue.expected;
}

function kindOf(schema: JsonObject): string {
  if (Array.isArray(schema.enum)) {
    return `one of ${schema.enum.map((value) => JSON.stringify(value)).join(", ")}`;
  }
  if (Array.isArray(schema.anyOf)) {
    return schema.anyOf.filter(isJsonObject).map(kindOf).join(" or ");
  }
  if (Array.isArray(schema.type)) return schema.type.join(" or ");
  return typeof schema.type === "string" ? schema.type : "any value";
}

function withArticle(kind: string): string {
  if (/^(one|an?) /.test(kind)) return kind;
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, depth) => typeof key === "number" ? `[${key}]` : `${depth ? "." : ""}${String(key)}`)
    .join("");
}

function quoteNames(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
