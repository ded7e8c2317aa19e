import type { Entry } from "./entries.ts";
import { MIN_BODY_CHARS } from "./bodies.ts";
import { namesWithin } from "./names_within.ts";
import { hasOutput, kindOf, stateOf } from "./words.ts";

/** Characters of the names in one line, where there is no room for all names. */
const NAMES_CHARS = 400;
const MIN_NAMES_CHARS = 40;
/** What a line for several groups has beside its names. */
const KIND_CHARS = 80;

/** How groups are headed: those with a line of their own, and the lines of all others. */
export interface Heads {
  readonly own: readonly { readonly entry: Entry; readonly head: string }[];
  readonly merged: readonly string[];
}

/** Heads entries in `room` characters: with fewer names, and then with one line for several groups. */
export function headEntries(entries: readonly Entry[], room: number): Heads {
  for (const namesChars of [Infinity, NAMES_CHARS]) {
    const own = entries.map((entry) => ({ entry, head: headOf(entry, namesChars) }));
    const chars = own.reduce((sum, { entry, head }) => sum + leastChars(entry, head), 0);
    if (chars <= room) return { own, merged: [] };
  }
  const kinds = new Set(entries.map(({ group }) => kindOf(group).word)).size;
  const mergedChars = Math.min(NAMES_CHARS + KIND_CHARS, Math.floor(room / 2 / kinds));
  const own: { entry: Entry; head: string }[] = [];
  let left = room - kinds * mergedChars;
  for (const entry of entries) {
    const head = headOf(entry, NAMES_CHARS);
    left -= leastChars(entry, head);
    if (left < 0) break;
    own.push({ entry, head });
  }
  const namesChars = Math.max(MIN_NAMES_CHARS, mergedChars - KIND_CHARS);
  return { own, merged: mergeHeads(entries.slice(own.length), namesChars) };
}

/** Of an output, something is shown. */
function leastChars({ group }: Entry, head: string): number {
  return head.length + 1 + (hasOutput(group) ? MIN_BODY_CHARS : 0);
}

function headOf({ group, relation }: Entry, namesChars: number): string {
  const parts = [stateOf(group), ...(relation === "" ? [] : [relation])];
  return `== ${namesOf(group.hosts, namesChars)}: ${parts.join(", ")}`;
}

/** A line for each kind, so that no host is without one. */
function mergeHeads(entries: readonly Entry[], namesChars: number): string[] {
  const byKind = Map.groupBy(entries, ({ group }) => kindOf(group).word);
  return [...byKind].map(([kind, alike]) => {
    const names = namesOf(alike.flatMap(({ group }) => group.hosts), namesChars);
    const results = alike.length === 1 ? "1 result" : `${alike.length} different results`;
    return `== ${names}: ${kind}, ${results} left out`;
  });
}

function namesOf(hosts: readonly string[], maxChars: number): string {
  const names = namesWithin(hosts, maxChars);
  return hosts.length === 1 ? names : `${names} (${hosts.length})`;
}
