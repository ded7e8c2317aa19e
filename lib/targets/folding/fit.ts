import { cutText } from "../../outputs/cut.ts";
import { joinCutField } from "../../outputs/marker.ts";
import { foldNames } from "../fold_names.ts";

/** Hosts, what became of them, and their words. */
export interface Section {
  readonly hosts: readonly string[];
  /** In a word or two; sections that have no room are put together by it. */
  readonly kind: string;
  /** On the section's first line. */
  readonly state: string;
  /** Without a line feed at its end; empty: it has none. */
  readonly body: string;
}

/** Characters of the names of hosts whose words are left out, at most, and of the rest of their line. */
const NAMES_CHARS = 400;
const KIND_CHARS = 80;
/** The line that stands for what is left out of a body has about so many characters. */
const MARKER_CHARS = 40;
/** Of a body with less room, only the beginning is shown. */
const SHORT_CHARS = 3 * MARKER_CHARS;

/**
 * The sections as lines, in about so many characters: each has its first line, and bodies that are too
 * long are cut to the same length. Where not even the first lines have room, the last sections are put
 * together. No host is left out but in a list of too many names.
 */
export function fitSections(sections: readonly Section[], room: number): string[] {
  const whole = sections.map((section) => ({ head: headOf(section), body: section.body }));
  if (sizeOf(whole) <= room) return toLines(whole);
  const shown = fitHeads(sections, room);
  const headChars = shown.reduce((sum, { head }) => sum + head.length + 1, 0);
  const most = shareOf(shown.map(({ body }) => body.length), room - headChars);
  return toLines(shown.map(({ head, body }) => ({ head, body: cutBody(body, most) })));
}

interface Shown {
  readonly head: string;
  readonly body: string;
}

function sizeOf(shown: readonly Shown[]): number {
  return shown.reduce((sum, { head, body }) => sum + head.length + body.length + 2, 0);
}

function toLines(shown: readonly Shown[]): string[] {
  return shown.flatMap(({ head, body }) => body === "" ? [head] : [head, body]);
}

function headOf({ hosts, state }: Section): string {
  return `== ${namesOf(hosts)}: ${state}`;
}

function namesOf(hosts: readonly string[]): string {
  return hosts.length === 1 ? foldNames(hosts) : `${foldNames(hosts)} (${hosts.length})`;
}

/** The first sections as they are, as far as their first lines have room, and the others by kind. */
function fitHeads(sections: readonly Section[], room: number): Shown[] {
  const kinds = new Set(sections.map(({ kind }) => kind)).size;
  const kindChars = Math.min(NAMES_CHARS + KIND_CHARS, Math.floor(room / 2 / kinds));
  const shown: Shown[] = [];
  let left = room - kinds * kindChars;
  for (const section of sections) {
    const head = headOf(section);
    // Of each body there is an ellipsis at least.
    left -= head.length + 1 + (section.body === "" ? 0 : 2);
    if (left < 0) break;
    shown.push({ head, body: section.body });
  }
  const others = Map.groupBy(sections.slice(shown.length), ({ kind }) => kind);
  const merged = [...others].map(([kind, alike]) =>
    mergeSections(kind, alike, kindChars - KIND_CHARS)
  );
  return [...shown, ...merged];
}

function mergeSections(kind: string, sections: readonly Section[], namesChars: number): Shown {
  const names = briefNames(sections.flatMap(({ hosts }) => hosts), namesChars);
  const results = sections.length === 1 ? "1 result" : `${sections.length} different results`;
  return { head: `== ${names}: ${kind}, ${results} left out`, body: "" };
}

function briefNames(hosts: readonly string[], maxChars: number): string {
  const names = namesOf(hosts);
  if (names.length <= maxChars) return names;
  const some: string[] = [];
  let chars = 0;
  for (const host of hosts) {
    chars += host.length + 1;
    if (chars > maxChars && some.length > 0) break;
    some.push(host);
  }
  return `${foldNames(some)} and ${hosts.length - some.length} more (${hosts.length})`;
}

/** How long each may be so that all have room: short ones leave theirs to the others. */
function shareOf(lengths: readonly number[], room: number): number {
  let left = room;
  const sorted = lengths.filter((length) => length > 0).sort((a, b) => a - b);
  for (const [at, length] of sorted.entries()) {
    const share = left / (sorted.length - at);
    if (length + 1 > share) return Math.max(1, Math.floor(share) - 1);
    left -= length + 1;
  }
  return Infinity;
}

function cutBody(body: string, maxChars: number): string {
  if (body.length <= maxChars) return body;
  if (maxChars < SHORT_CHARS) return `${body.slice(0, maxChars - 1).toWellFormed()}…`;
  const cut = cutText(body, maxChars - MARKER_CHARS);
  return cut === null ? body : joinCutField(cut).replace(/\n$/, "");
}
