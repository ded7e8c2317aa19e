import { parse } from "smol-toml";

/** The line, from 1, of the key at a path, else of the nearest key above it; null: none of them. */
export type LineFinder = (path: readonly PropertyKey[]) => number | null;

/** Finds lines in a valid TOML text. The text is searched when the first line is asked for. */
export function createLineFinder(text: string): LineFinder {
  let lines: ReadonlyMap<string, number> | undefined;
  return (path) => {
    lines ??= findLines(text);
    for (let length = path.length; length > 0; length--) {
      const line = lines.get(toKey(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return null;
  };
}

/** Whether a TOML value is a table: neither a list nor a date. */
export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

const toKey = (path: readonly PropertyKey[]) => JSON.stringify(path.map(String));

/** One statement at a time, since the parser reports no lines: a valid text splits at line breaks. */
function findLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const counts = new Map<string, number>();
  let table: readonly string[] = [];
  for (const { line, content, value } of splitStatements(text)) {
    const isHeader = content.trimStart().startsWith("[");
    const paths = [...listPaths(value, isHeader ? [] : table)];
    if (isHeader) table = paths.at(-1) ?? [];
    if (content.trimStart().startsWith("[[")) {
      // The tables of a list are known by their numbers, from 1.
      const number = (counts.get(toKey(table)) ?? 0) + 1;
      counts.set(toKey(table), number);
      table = [...table, String(number)];
      paths.push(table);
    }
    for (const path of paths) {
      const key = toKey(path);
      if (!lines.has(key)) lines.set(key, line);
    }
  }
  return lines;
}

interface Statement {
  readonly line: number;
  readonly content: string;
  readonly value: Record<string, unknown>;
}

/** A statement that goes on over lines is none before its last line. */
function* splitStatements(text: string): Generator<Statement> {
  let pending: string[] = [];
  for (const [index, lineText] of text.split(/\r?\n/).entries()) {
    pending.push(lineText);
    const content = pending.join("\n");
    const value = tryParse(content);
    if (value === null) continue;
    yield { line: index + 2 - pending.length, content, value };
    pending = [];
  }
}

function tryParse(text: string): Record<string, unknown> | null {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

/** The paths of all keys in a table, outer before inner. */
function* listPaths(
  table: Record<string, unknown>,
  above: readonly string[],
): Generator<readonly string[]> {
  for (const [key, value] of Object.entries(table)) {
    const path = [...above, key];
    yield path;
    if (isTable(value)) yield* listPaths(value, path);
  }
}
