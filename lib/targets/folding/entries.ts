import { isSuccess, type KeptTexts, type ResultGroup } from "./fold.ts";
import { guardLines } from "./guard.ts";
import { joinText, lengthOf, wholeText } from "./kept_text.ts";
import { DiffBudget, diffLines, splitLines } from "./line_diff.ts";
import { HOST_PLACE } from "./own_names.ts";
import { hasOutput, STDERR } from "./words.ts";

/** A group, and what is shown below its first line. */
export interface Entry {
  readonly group: ResultGroup;
  readonly texts: KeptTexts;
  /** What `texts` are, such as `diff to above`; empty: the output. */
  readonly relation: string;
}

/** Characters of a text that is compared that take as long as a step of its comparison. */
const CHARS_A_STEP = 2;
/** The lines of a diff in which one line is another. */
const ONE_LINE = 2;

/**
 * What is shown of groups, in this order: diffs come behind what they are diffs to, the largest group
 * that is a success as well, or is none. A diff is shown where it is shorter than the output, or where
 * one line differs from what most hosts have.
 */
export function listEntries(groups: readonly ResultGroup[]): Entry[] {
  const budget = new DiffBudget();
  return [...Map.groupBy(groups, classOf)].flatMap(([kind, alike]) => {
    const entries = alike.map((group) => ({ group, texts: group.kept, relation: "" }));
    return COMPARED.has(kind) ? withDiffs(entries, budget) : entries;
  });
}

function classOf(group: ResultGroup): string {
  return isSuccess(group) ? "success" : group.outcome;
}

/** Only what ran is compared. */
const COMPARED: ReadonlySet<string> = new Set(["success", "ok"]);

function withDiffs(entries: readonly Entry[], budget: DiffBudget): Entry[] {
  const base = entries.find(({ group }) => hasOutput(group));
  if (base === undefined) return [...entries];
  const others = entries.filter((entry) => entry !== base && hasOutput(entry.group));
  const otherHosts = others.reduce((sum, { group }) => sum + group.hosts.length, 0);
  const mostHaveBase = base.group.hosts.length > otherHosts;
  const baseText = compared(base, budget);
  const baseLines = baseText === null ? null : splitLines(baseText);
  if (baseLines === null) return [...entries];
  const diffs = new Map<Entry, Entry>();
  for (const entry of others) {
    const text = compared(entry, budget);
    const diff = text === null ? null : diffLines(baseLines, text, budget);
    if (text === null || diff === null) continue;
    const isShown = diff.text.length < text.length || mostHaveBase && diff.lines <= ONE_LINE;
    if (isShown) diffs.set(entry, toDiff(entry, { base, diff: diff.text }));
  }
  return entries.filter((entry) => !diffs.has(entry))
    .flatMap((entry) => entry === base ? [entry, ...diffs.values()] : [entry]);
}

/** What is compared of an entry; null: it is cut, or it would take too long. */
function compared({ group, texts }: Entry, budget: DiffBudget): string | null {
  const chars = lengthOf(texts.stdout) + lengthOf(texts.stderr);
  return group.isCut || !budget.take(chars / CHARS_A_STEP) ? null : textOf(texts);
}

function toDiff(
  { group }: Entry,
  { base, diff }: { readonly base: Entry; readonly diff: string },
): Entry {
  const isLike = group.exitCode === base.group.exitCode && group.note === base.group.note;
  // What has `{host}` by itself looks like what has it in the place of a name.
  const hasOtherBytes = isLike &&
    (group.bytesDigest !== base.group.bytesDigest || textOf(group.kept).includes(HOST_PLACE));
  const same = hasOtherBytes ? "other bytes with the same text as above" : "same text as above";
  const relation = diff === "" ? same : "diff to above";
  return { group, texts: { stdout: wholeText(diff), stderr: wholeText("") }, relation };
}

/** The lines below a group's first line, none of which reads as one of ours; empty: there are none. */
export function textOf({ stdout, stderr }: KeptTexts): string {
  const [out, errors] = [joinText(stdout, guardLines), joinText(stderr, guardLines)];
  const shown = errors === "" ? "" : STDERR + errors.replaceAll("\n", `\n${STDERR}`);
  return [out, shown].filter((text) => text !== "").join("\n");
}
