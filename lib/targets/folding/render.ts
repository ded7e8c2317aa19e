import { foldNames } from "../fold_names.ts";
import { diffLines } from "./difference.ts";
import { fitSections, type Section } from "./fit.ts";
import { isSuccess, type ResultGroup } from "./fold.ts";

/** How folded results are shown. */
export interface RenderOptions {
  readonly elapsedMs: number;
  /** Characters of the text; 0: all. */
  readonly maxChars: number;
  /** Lines at the end. */
  readonly footer?: readonly string[];
}

/**
 * Folded results as text: a line that counts them, then each group with its hosts and their words. A
 * group that differs little from the largest one is shown as what differs, behind it. Where it is too
 * long, all outputs are cut alike, and the hosts stay.
 */
export function renderGroups(
  groups: readonly ResultGroup[],
  { elapsedMs, maxChars, footer = [] }: RenderOptions,
): string {
  const first = `${countHosts(groups)} (${(elapsedMs / 1000).toFixed(1)} s)`;
  const again = groups.filter(({ outcome }) => outcome === "not_delivered")
    .flatMap(({ hosts }) => hosts);
  const last = [...footer, ...(again.length === 0 ? [] : [`${AGAIN}${foldNames(again)}`])];
  const room = maxChars === 0 ? Infinity : maxChars - [first, "", ...last].join("\n").length;
  return [first, ...fitSections(toSections(groups), room), ...last].join("\n");
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

/** What became of hosts, in a word or two, and where that stands among others. */
function kindOf({ outcome, exitCode }: ResultGroup): { order: number; word: string } {
  switch (outcome) {
    case "ok":
      return exitCode === null
        ? { order: 256, word: "ran" }
        : { order: exitCode, word: `exit ${exitCode}` };
    case "failed":
      return { order: 257, word: "failed" };
    case "unknown":
      return { order: 258, word: "unknown" };
    case "not_delivered":
      return { order: 259, word: "not run" };
    case "skipped":
      return { order: 260, word: "skipped" };
  }
}

/** The groups in their order, but for those that are shown as differences: behind what they differ from. */
function toSections(groups: readonly ResultGroup[]): Section[] {
  const whole = groups.map(toSection);
  return [...Map.groupBy(whole, ({ group }) => classOf(group)).values()]
    .flatMap((sections) => withDifferences(sections));
}

interface GroupSection extends Section {
  readonly group: ResultGroup;
}

/** Only what ran is compared, and success with success. */
function classOf(group: ResultGroup): string {
  return isSuccess(group) ? "success" : group.outcome;
}

/** Groups that are compared with the largest one; more would take a while. */
const MAX_COMPARED = 64;

function withDifferences(sections: readonly GroupSection[]): Section[] {
  const at = sections.findIndex(({ group, body }) => group.outcome === "ok" && body !== "");
  const base = sections[at];
  if (base === undefined) return [...sections];
  const [smaller, rest] = [
    sections.slice(at + 1, at + 1 + MAX_COMPARED),
    sections.slice(at + 1 + MAX_COMPARED),
  ];
  const shown = smaller.map((section) => asDifference(section, base.body) ?? section);
  return [
    ...sections.slice(0, at + 1),
    ...shown.filter((section) => !("group" in section)),
    ...shown.filter((section) => "group" in section),
    ...rest,
  ];
}

/** The section as what differs from another body; null: that is not shorter. */
function asDifference({ hosts, kind, state, body }: GroupSection, base: string): Section | null {
  if (body === "") return null;
  const difference = diffLines(base, body);
  if (difference === null || difference.length >= body.length) return null;
  return { hosts, kind, state: `${state}, diff to above`, body: difference };
}

function toSection(group: ResultGroup): GroupSection {
  const body = bodyOf(group);
  const state = stateOf(group) + (group.outcome === "ok" && body === "" ? ", no output" : "");
  return { group, hosts: group.hosts, kind: kindOf(group).word, state, body };
}

function stateOf({ outcome, exitCode, note }: ResultGroup): string {
  const because = note === null ? "" : `: ${note}`;
  switch (outcome) {
    case "ok": {
      const state = exitCode === null ? "ran, its exit code is not known" : `exit ${exitCode}`;
      return note === null ? state : `${state}, ${note}`;
    }
    case "failed":
      return `FAILED${because}`;
    case "unknown":
      return `UNKNOWN, it may have run${because}`;
    case "not_delivered":
      return `NOT RUN${because}`;
    case "skipped":
      return `skipped${because}`;
  }
}

const AGAIN = "again safely: ";
const STDERR = "stderr: ";

/** What begins like a line of ours, also behind what a reader may take for the end of a line. */
const LIKE_OURS = /(^|[\n\v\f\r\x85\u2028\u2029])(?===|again safely:|stderr:|\[.* left out\])/g;

/** Lines of a host's output never look like ours: such a line gets a space before it. */
function bodyOf({ stdout, stderr }: ResultGroup): string {
  const own = stdout.replace(LIKE_OURS, "$1 ");
  if (stderr === "") return own;
  const errors = STDERR + stderr.replace(LIKE_OURS, "$1 ").replaceAll("\n", `\n${STDERR}`);
  return own === "" ? errors : `${own}\n${errors}`;
}
