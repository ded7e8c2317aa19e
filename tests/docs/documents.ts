import { fileURLToPath } from "node:url";

/** The checkout, with a final slash. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A Markdown file. */
export interface Document {
  /** From the root of the checkout. */
  readonly path: string;
  readonly text: string;
}

/** Reads a document. */
export async function readDocument(path: string): Promise<Document> {
  return { path, text: await Deno.readTextFile(ROOT + path) };
}

/** Reads all documents for users and developers. */
export async function readDocuments(): Promise<Document[]> {
  const paths = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "tests/security/README.md",
  ];
  for await (const { name } of Deno.readDir(`${ROOT}docs`)) {
    if (name.endsWith(".md")) paths.push(`docs/${name}`);
  }
  return await Promise.all(paths.toSorted().map(readDocument));
}

/** A part of a document, without its heading. Throws an `Error` if there is no such heading. */
export function section(document: Document, heading: string): Document {
  const parts = document.text.split(/^(?=#{1,6} )/m);
  const at = parts.findIndex((part) => part.startsWith(`## ${heading}\n`));
  const part = parts[at];
  if (part === undefined) throw new Error(`${document.path} has no heading ${heading}`);
  return { path: document.path, text: part.slice(part.indexOf("\n") + 1) };
}

/** A fenced block of code. */
export interface CodeBlock {
  /** Empty: none is named. */
  readonly language: string;
  readonly code: string;
}

const FENCED = /^```(\w*)\n(.*?)^```$/gms;

/** The fenced blocks of a document, in order. */
export function codeBlocks({ text }: Document): CodeBlock[] {
  return [...text.matchAll(FENCED)].map(([, language = "", code = ""]) => ({ language, code }));
}

/** What a document says to type into a shell. */
export function shellSnippets(document: Document): string[] {
  return codeBlocks(document).flatMap(({ language, code }) => {
    if (language === "sh") return [code];
    return language === "console" ? [withoutOutput(code)] : [];
  });
}

/** What was typed in a terminal: the lines after a prompt, with those that continue them. */
function withoutOutput(code: string): string {
  return [...code.matchAll(/^\$ ((?:.*\\\n)*.*)$/gm)].map(([, typed]) => typed).join("\n");
}

/** A document without its fenced blocks. */
export function prose({ text }: Document): string {
  return text.replace(FENCED, "");
}

/** The code spans of a text. */
export function codeSpans(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
}

/**
 * The rows of the table whose header begins with these cells; a row has the text of its cells.
 * Throws an `Error` if there is no such table.
 */
export function tableRows(document: Document, ...header: readonly string[]): string[][] {
  const lines = document.text.split("\n");
  const at = lines.findIndex((line) => header.every((name, cell) => cellsOf(line)[cell] === name));
  if (at < 0) throw new Error(`${document.path} has no table with the header ${header.join(", ")}`);
  const body = lines.slice(at + 2);
  const end = body.findIndex((line) => !line.startsWith("|"));
  return body.slice(0, end < 0 ? body.length : end).map(cellsOf);
}

/** The cells of a line; none if it belongs to no table. */
function cellsOf(line: string): string[] {
  if (!line.startsWith("|")) return [];
  return line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
}
