/** What a line of TOML begins: a table, or a field. */
interface Beginning {
  readonly kind: "table" | "field";
  readonly name: string;
}

/**
 * What is wrong with a TOML text, in words for whoever wrote it: the parser's own are short, and its
 * further lines quote the file, tokens and all. Nothing here quotes more than a name.
 */
export function describeTomlFault(text: string, line: number, said: string): string {
  const lines = text.split("\n");
  const written = lines[line - 1] ?? "";
  const message = said.split("\n", 1).join("").replace(/^Invalid TOML document: /, "");
  const beginning = beginningOf(written);
  if (message.includes("redefine") && beginning !== null) {
    return describeTwice(lines.slice(0, line - 1), beginning);
  }
  if (message.includes("illegal character in key")) {
    if (/^\s*\[/.test(written)) return `${INVALID}: a table is written as [hosts.NAME]`;
    if (!written.includes("=")) return `${INVALID}: a field is written as NAME = VALUE`;
  }
  if (message === "invalid value" && /=\s*[A-Za-z@~/]/.test(written)) {
    return `${INVALID}: a text needs quotes`;
  }
  if (message.includes("control characters are not allowed in strings")) {
    return `${INVALID}: a text has no quote at its end, or holds a control character`;
  }
  return `${INVALID}: ${message}`;
}

const INVALID = "invalid TOML";

function beginningOf(line: string): Beginning | null {
  const table = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1];
  if (table !== undefined) return { kind: "table", name: table };
  const field = /^\s*([\w."'-]+?)\s*=/.exec(line)?.[1];
  return field === undefined ? null : { kind: "field", name: field };
}

function describeTwice(before: readonly string[], { kind, name }: Beginning): string {
  const isSame = (line: string) => {
    const other = beginningOf(line);
    return other?.kind === kind && other.name === name;
  };
  const first = kind === "table" ? before.findIndex(isSame) : before.findLastIndex(isSame);
  const where = first < 0 ? "" : `, first in line ${first + 1}`;
  return kind === "table" ? `[${name}] is there twice${where}` : `${name} is set twice${where}`;
}
