import { cutBodies } from "./bodies.ts";
import { listEntries } from "./entries.ts";
import type { ResultGroup } from "./fold.ts";
import { headEntries } from "./heads.ts";
import { namesWithin } from "./names_within.ts";
import { kindOf } from "./words.ts";

/** How folded results are shown. */
export interface RenderOptions {
  readonly elapsedMs: number;
  /** Characters of the text; 0: all. */
  readonly maxChars: number;
  /** Lines at the end, of kinds that `guardLines` knows, each with about so many characters at most. */
  readonly footer?: (maxChars: number) => readonly string[];
}

/** Of all characters, what the names behind `again safely:` may have. */
const AGAIN_PART = 1 / 4;
/** The same for each line of the footer. */
const FOOTER_PART = 1 / 8;

/**
 * Folded results as text: a line that counts them, then each group with its hosts and their words. A
 * group that differs little from the largest one is shown as what differs, behind it. Where it is too
 * long, outputs are cut, and the hosts stay.
 */
export function renderGroups(
  groups: readonly ResultGroup[],
  { elapsedMs, maxChars, footer = () => [] }: RenderOptions,
): string {
  const limit = maxChars === 0 ? Infinity : maxChars;
  const first = `${countHosts(groups)} (${(elapsedMs / 1000).toFixed(1)} s)`;
  const again = groups.filter(({ outcome }) => outcome === "not_delivered")
    .flatMap(({ hosts }) => hosts);
  const safely = again.length === 0
    ? []
    : [`again safely: ${namesWithin(again, limit * AGAIN_PART)}`];
  const last = [...footer(limit * FOOTER_PART), ...safely];
  const room = limit - [first, ...last].join("\n").length;
  const { own, merged } = headEntries(listEntries(groups), room);
  const headChars = [...own.map(({ head }) => head), ...merged]
    .reduce((sum, line) => sum + line.length + 1, 0);
  const bodies = cutBodies(own.map(({ entry }) => entry), room - headChars);
  const shown = own.flatMap(({ head }, at) =>
    [head, bodies[at] ?? ""].filter((text) => text !== "")
  );
  return [first, ...shown, ...merged, ...last].join("\n");
}

/** `24 hosts: 21 exit 0, 2 exit 1, 1 not run`. */
function countHosts(groups: readonly ResultGroup[]): string {
  const byKind = Map.groupBy(groups, (group) => kindOf(group).order);
  const kinds = [...byKind].sort(([a], [b]) => a - b).map(([, [first, ...others]]) =>
    first === undefined ? "" : `${countOf([first, ...others])} ${kindOf(first).word}`
  );
  const all = countOf(groups);
  return `${all} ${all === 1 ? "host" : "hosts"}: ${kinds.join(", ")}`;
}

function countOf(groups: readonly ResultGroup[]): number {
  return groups.reduce((sum, { hosts }) => sum + hosts.length, 0);
}
