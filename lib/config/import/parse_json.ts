import type { Problem } from "../../base/problem.ts";
import { isTable } from "../registry/formats/lines.ts";
import { findJsonFaultLine } from "./json_fault.ts";

/** A JSON object. */
export type JsonTable = Readonly<Record<string, unknown>>;

/** Parses a JSON object. What is wrong is said without a word of the text, which may hold secrets. */
export function parseJsonTable(
  text: string,
  source: string,
): { readonly table: JsonTable } | { readonly problem: Problem } {
  const fail = (line: number | null, message: string) => ({
    problem: { severity: "error", source, line, field: null, message } as const,
  });
  if (text.trim() === "") return fail(null, "is empty: it must be JSON");
  try {
    const table: unknown = JSON.parse(text);
    return isTable(table) ? { table } : fail(null, "must be a JSON object");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return fail(findJsonFaultLine(text), "it is not JSON from here on");
  }
}

/** The value of a key, if it is a text and not empty. */
export function textOf(table: JsonTable, key: string): string | null {
  const value = Object.hasOwn(table, key) ? table[key] : null;
  return typeof value === "string" && value !== "" ? value : null;
}

/** The value of a key, if it is an object; else an empty one. */
export function tableOf(table: JsonTable, key: string): JsonTable {
  const value = Object.hasOwn(table, key) ? table[key] : null;
  return isTable(value) ? value : {};
}

/** The texts in the list that a key has; none, if it has no list. */
export function textsOf(table: JsonTable, key: string): readonly string[] {
  const value = Object.hasOwn(table, key) ? table[key] : null;
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
