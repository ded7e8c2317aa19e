import { type Document } from "../documents.ts";
import { GAP, type Text } from "./source_texts.ts";

/** How a page writes what changes from case to case. */
const ELLIPSIS = "…";
/** Letters of a text that may be found within a longer one. */
const MIN_PART = 12;

/** The texts that a page shows as code, with `…` for their gaps. */
export function shownTexts({ text }: Document): string[] {
  const prose = text.replace(/^```.*?^```$/gms, "");
  return [...prose.matchAll(/(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/gs)]
    .map(([, , span = ""]) => flatten(span))
    // One that is all gap would show everything.
    .filter((span) => span.replace(/[^\p{L}]/gu, "").length >= 3);
}

/** Whether a page shows a text: as it is, or with `…` for more of it, or for less. */
export function createShows(shown: readonly string[]): (text: Text) => boolean {
  const spans = new Set(shown);
  const patterns = shown.filter((span) => span.includes(ELLIPSIS)).map(toPattern);
  return function shows({ text }) {
    const flat = flatten(text);
    if (spans.has(flat) || patterns.some((pattern) => pattern.test(flat))) return true;
    return shown.some((span) => isIn(flat, span, MIN_PART));
  };
}

/** A text as a list has it: `…` for its gaps. */
export function listed({ text }: Text): string {
  return flatten(text).replaceAll(GAP, ELLIPSIS);
}

/** The shown texts that no program prints, among those that have a gap. */
export function findStale(shown: readonly string[], texts: readonly Text[]): string[] {
  const flat = texts.map(({ text }) => flatten(text));
  return shown.filter((span) => span.includes(ELLIPSIS)).filter((span) => {
    const pattern = toPattern(span);
    return !flat.some((text) => pattern.test(text) || isIn(text, span, 3));
  });
}

/** One line, without what is only there to be put behind or before another text. */
function flatten(text: string): string {
  return text.replace(/\s+/g, " ").replace(/^[\s:;,]+|[\s:;,]+$/g, "");
}

/** Whether a text is a part of what is shown, and long enough to be no accident. */
function isIn(text: string, span: string, minLetters: number): boolean {
  if (text.replace(/[^\p{L}]/gu, "").length < minLetters) return false;
  return new RegExp(text.split(GAP).map(RegExp.escape).join(".*")).test(span);
}

function toPattern(span: string): RegExp {
  return new RegExp(`^${span.split(ELLIPSIS).map(RegExp.escape).join(".*")}$`);
}
