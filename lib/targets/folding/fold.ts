import { getOrAdd } from "../../base/get_or_add.ts";
import { foreignText } from "../../base/text/foreign_text.ts";
import type { HostOutcome, HostResult } from "./host_result.ts";
import { digestOf, normalizeLines } from "./digest.ts";
import {
  copyText,
  joinText,
  type KeptText,
  lengthOf,
  shortenText,
  wholeText,
} from "./kept_text.ts";
import { createReplaceNames, type ReplaceNames } from "./own_names.ts";

/** What is kept of both streams. */
export interface KeptTexts {
  readonly stdout: KeptText;
  readonly stderr: KeptText;
}

/** Hosts with the same result. */
export interface ResultGroup {
  /** By name. */
  readonly hosts: readonly string[];
  readonly outcome: HostOutcome;
  readonly exitCode: number | null;
  /** With LF at the ends of lines, none at the last one's, and `{host}` for the names of several hosts. */
  readonly stdout: string;
  readonly stderr: string;
  readonly note: string | null;
  /** Whether the middle of an output is missing here. */
  readonly isCut: boolean;
  /** The outputs in their parts. */
  readonly kept: KeptTexts;
}

/** Characters of all outputs that are kept. */
const ALL_CHARS = 16 * 1024 * 1024;
/** Characters that are kept of one stream, at most and at least. */
const MAX_CHARS = 1024 * 1024;
const MIN_CHARS = 4 * 1024;
/** Characters of a note. */
const MAX_NOTE = 500;
/** An output has at most this part of the room that is left, so that the room never ends. */
const PART_OF_ROOM = 16;

/** The hosts that had one result, and that result as the first of them had it. */
interface Found {
  readonly hosts: string[];
  readonly result: Pick<HostResult, "outcome" | "exitCode" | "note">;
  readonly kept: KeptTexts;
  readonly replaceNames: ReplaceNames;
}

/** Puts hosts with the same results together as they come, and keeps each result once. */
export class Folding {
  readonly #found = new Map<string, Found>();
  readonly #allChars: number;
  #keptChars = 0;

  /** Keeps about so many characters of outputs in all. */
  constructor(allChars = ALL_CHARS) {
    this.#allChars = allChars;
  }

  add(raw: HostResult): void {
    const [stdout, stderr] = [normalizeLines(raw.stdout), normalizeLines(raw.stderr)];
    const note = raw.note === null ? null : foreignText(raw.note, MAX_NOTE);
    const result = { ...raw, stdout, stderr, note };
    const replaceNames = createReplaceNames([raw.host, ...raw.aliases]);
    getOrAdd(this.#found, digestOf(result, replaceNames), () => this.#begin(result, replaceNames))
      .hosts.push(raw.host);
  }

  /** Those that did not do it first (not run, unknown, failed), then the largest, then by name. */
  groups(): ResultGroup[] {
    return [...this.#found.values()].map(toGroup).sort((a, b) =>
      rankOf(a) - rankOf(b) || b.hosts.length - a.hosts.length ||
      compareNames(a.hosts[0] ?? "", b.hosts[0] ?? "")
    );
  }

  #begin(
    { outcome, exitCode, note, stdout, stderr }: HostResult,
    replaceNames: ReplaceNames,
  ): Found {
    return {
      hosts: [],
      result: { outcome, exitCode, note },
      kept: { stdout: this.#keep(stdout), stderr: this.#keep(stderr) },
      replaceNames,
    };
  }

  #keep(text: string): KeptText {
    const room = Math.floor((this.#allChars - this.#keptChars) / PART_OF_ROOM);
    const maxChars = Math.max(MIN_CHARS, Math.min(MAX_CHARS, room));
    const kept = copyText(shortenText(wholeText(text), maxChars));
    this.#keptChars += lengthOf(kept);
    return kept;
  }
}

function toGroup({ hosts, result, kept, replaceNames }: Found): ResultGroup {
  const change = (text: string) => hosts.length === 1 ? text : replaceNames(text).text;
  const changeKept = (text: KeptText) => ({
    ...text,
    head: change(text.head),
    tail: change(text.tail),
  });
  const [stdout, stderr] = [changeKept(kept.stdout), changeKept(kept.stderr)];
  return {
    ...result,
    hosts: hosts.toSorted(compareNames),
    note: result.note === null ? null : change(result.note),
    stdout: joinText(stdout),
    stderr: joinText(stderr),
    isCut: stdout.leftOut !== null || stderr.leftOut !== null,
    kept: { stdout, stderr },
  };
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a command did what it should. */
export function isSuccess({ outcome, exitCode }: ResultGroup): boolean {
  return outcome === "ok" && exitCode === 0;
}

const RANKS: Readonly<Record<HostOutcome, number>> = {
  not_delivered: 0,
  unknown: 1,
  failed: 2,
  ok: 3,
  skipped: 5,
};

function rankOf(group: ResultGroup): number {
  return isSuccess(group) ? 4 : RANKS[group.outcome];
}
