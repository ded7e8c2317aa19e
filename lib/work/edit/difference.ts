import { structuredPatch } from "diff";
import { shownLine } from "./nearest.ts";

/** Most lines that are shown, with the one that says that more differ. */
const MAX_LINES = 40;
const CONTEXT_LINES = 3;
/** What is compared of either text, from the first line that differs on. */
const MAX_CHARS = 128 * 1024;
/** Texts that differ in more lines are shown one after the other. */
const MAX_EDITS = 200;
/** Where a longer line differs further on, it is shown from shortly before that. */
const LONG_LINE = { from: 160, before: 80 };
/** Texts are compared in steps of so many characters, then one by one. */
const STEP = 64 * 1024;

/**
 * The lines that differ in the unified form, without the names of the files: at most 40, in bounded
 * time. Long lines are cut.
 */
export function unifiedDifference(before: string, after: string): string {
  const start = findStart(before, commonStart(before, after));
  const same = commonEnd(before.slice(start), after.slice(start));
  const [old, renewed] = [before, after].map((text) => partOf(text, start, text.length - same));
  if (old === undefined || renewed === undefined) return "";
  const lines = hunkLines(old.text, renewed.text, countLines(before, start));
  const isCut = old.isCut || renewed.isCut || lines.length > MAX_LINES;
  const isCrlf = lines.every((line) => /^[@\\]|\r$/.test(line));
  const shown = lines.slice(0, isCut ? MAX_LINES - 1 : MAX_LINES)
    .map((line) => shownLine(isCrlf ? line : line.replace(/\r$/, "^M")));
  return [...shown, ...(isCut ? ["[more lines differ]"] : [])].join("\n");
}

/** The hunks of a patch; `line` is how many lines are before both texts. */
function hunkLines(before: string, after: string, line: number): string[] {
  const options = { context: CONTEXT_LINES, maxEditLength: MAX_EDITS };
  const patch = structuredPatch("", "", before, after, undefined, undefined, options);
  if (patch === undefined) return wholeHunk(before, after, line);
  return patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart + line},${oldLines} +${newStart + line},${newLines} @@`,
    ...lines,
  ]);
}

/** All of one text, then all of the other: of each as much as there is room for. */
function wholeHunk(before: string, after: string, line: number): string[] {
  const [old, renewed] = [before, after].map((text) => text.split("\n"));
  if (old === undefined || renewed === undefined) return [];
  const half = MAX_LINES / 2;
  return [
    `@@ -${line + 1},${old.length} +${line + 1},${renewed.length} @@`,
    ...old.slice(0, half - 2).map((text) => `-${text}`),
    ...renewed.map((text) => `+${text}`),
  ];
}

/** Where to begin so that there is context before the first character that differs. */
function findStart(text: string, at: number): number {
  const line = startOfLine(text, at);
  if (at - line > LONG_LINE.from) return at - LONG_LINE.before;
  let start = line;
  for (let count = 0; count < CONTEXT_LINES && start > 0; count++) {
    const previous = startOfLine(text, start - 1);
    if (line - previous > MAX_CHARS / 2) break;
    start = previous;
  }
  return start;
}

/** A part up to the end of the context behind what differs, or as much of it as is compared. */
function partOf(text: string, start: number, differsTo: number) {
  let end = differsTo;
  for (let count = 0; count <= CONTEXT_LINES && end < text.length; count++) {
    const next = text.indexOf("\n", end);
    end = next < 0 ? text.length : next + 1;
  }
  if (end - start <= MAX_CHARS) return { text: text.slice(start, end), isCut: false };
  const part = text.slice(start, start + MAX_CHARS);
  const isRest = differsTo - start <= MAX_CHARS;
  return { text: part.slice(0, part.lastIndexOf("\n") + 1) || part, isCut: !isRest };
}

function startOfLine(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
}

function countLines(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** How many characters two texts have in common at their beginning. */
function commonStart(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let at = 0;
  while (at < most && one.slice(at, at + STEP) === other.slice(at, at + STEP)) at += STEP;
  at = Math.min(at, most);
  while (at < most && one.charCodeAt(at) === other.charCodeAt(at)) at++;
  return at;
}

/** The same at their end. */
function commonEnd(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  const part = (text: string, at: number) => text.slice(text.length - at - STEP, text.length - at);
  let at = 0;
  while (at + STEP <= most && part(one, at) === part(other, at)) at += STEP;
  while (
    at < most && one.charCodeAt(one.length - at - 1) === other.charCodeAt(other.length - at - 1)
  ) at++;
  return at;
}
