import type { Problem } from "../../../base/problem.ts";
import { isSshUrl } from "../address.ts";
import type { RegistryContent, RegistryEntry } from "../entry.ts";

/** The columns after the name, in order. */
const COLUMNS = ["ssh_host", "lmcp_url", "token"] as const;

/** A line with content: its number from 1 and its columns. */
interface Row {
  readonly line: number;
  readonly columns: readonly string[];
}

/**
 * Parses a registry of the Lua hub: columns `name ssh_host lmcp_url token`, `-` for none. What
 * that program drops silently is a warning here; what it keeps is kept.
 */
export function parseLegacyRegistry(text: string, path: string): RegistryContent {
  const entries = new Map<string, RegistryEntry>();
  const problems: Problem[] = [];
  const warn = (line: number, field: string | null, message: string) =>
    problems.push({ severity: "warning", source: path, line, field, message });

  for (const { line, columns } of splitRows(text)) {
    const [name = "", ...values] = columns;
    if (values.length === 0) {
      warn(line, null, "a host needs two columns, name and ssh_host; the line is ignored");
      continue;
    }
    if (values.length > COLUMNS.length) {
      warn(line, name, "the columns after the fourth are ignored");
    }
    const [, lmcpUrl = ""] = values;
    if (isSshUrl(lmcpUrl)) {
      const message = 'only a registry in TOML can hold a URL that starts with "ssh:"';
      problems.push({
        severity: "error",
        source: path,
        line,
        field: `${name}.lmcp_url`,
        message,
      });
    }
    const earlier = entries.get(name);
    if (earlier !== undefined) {
      warn(
        line,
        name,
        `this line replaces line ${earlier.locate([]).line}, which names the host too`,
      );
    }
    entries.set(name, createEntry(name, values, line));
  }
  return {
    hosts: [...entries.values()],
    clients: [],
    groups: [],
    oauth: null,
    isParsed: true,
    defaults: {},
    problems,
  };
}

/** Whether a text that is no TOML was meant as a legacy registry. */
export function looksLegacy(text: string): boolean {
  const rows = [...splitRows(text)];
  return rows.length > 0 &&
    rows.every(({ columns: [first = "", second = "="] }) =>
      !first.startsWith("[") && !first.includes("=") && !second.startsWith("=")
    );
}

function createEntry(name: string, values: readonly string[], line: number): RegistryEntry {
  const pairs = COLUMNS.map((column, index) => [column, values[index] ?? "-"] as const);
  return {
    name,
    fields: Object.fromEntries(pairs.filter(([, value]) => value !== "-")),
    locate: ([column]) => ({
      line,
      field: column === undefined ? name : `${name}.${String(column)}`,
    }),
  };
}

/** Lines end at `\n` and columns at Lua's `%s`: C's `isspace`, and not what Unicode calls a space. */
function* splitRows(text: string): Generator<Row> {
  for (const [index, content] of text.split("\n").entries()) {
    const columns = content.split(/[ \t\v\f\r]+/).filter((column) => column !== "");
    if (columns[0] !== undefined && !columns[0].startsWith("#")) yield { line: index + 1, columns };
  }
}
