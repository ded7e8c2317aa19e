import { getOrAdd } from "../../base/get_or_add.ts";
import { foreignText } from "../../base/text/foreign_text.ts";
import { measureText } from "../../outputs/cut.ts";
import type { HostOutcome, HostResult } from "./host_result.ts";
import { type Digests, digestsOf, normalizeLines } from "./digest.ts";
import {
  copyText,
  joinText,
  type KeptText,
  lengthOf,
  shortenText,
  wholeText,
} from "./kept_text.ts";
import { createReplaceNames, type ReplaceNames } from "./own_names.ts";
import { STDERR } from "./words.ts";

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
  /** Differs where bytes differ that the texts do not show. */
  readonly bytesDigest: string | null;
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
  readonly result: Pick<HostResult, "outcome" | "exitCode" | "note" | "bytesDigest">;
  /** Those of the first of them. */
  readonly digests: Digests;
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
    const digests = digestsOf(result, replaceNames);
    const begin = () => this.#begin(result, { digests, replaceNames });
    getOrAdd(this.#found, digests.withoutNames, begin).hosts.push(raw.host);
  }

  /** Those that did not do it first (not run, unknown, failed), then the largest, then by name. */
  groups(): ResultGroup[] {
    return this.#joined().map(toGroup).sort((a, b) =>
      rankOf(a) - rankOf(b) || b.hosts.length - a.hosts.length ||
      compareNames(a.hosts[0] ?? "", b.hosts[0] ?? "")
    );
  }

  /** A host that is called what others print, such as `ok`, is one of them where it prints that, too. */
  #joined(): Found[] {
    const joining = new Map<Found, string[]>();
    for (const one of this.#found.values()) {
      const others = this.#found.get(one.digests.asIs);
      if (others === undefined || others === one || others.hosts.length < 2) continue;
      if (one.hosts.length === 1 && !isNamed(others)) {
        getOrAdd(joining, others, (): string[] => []).push(...one.hosts);
        joining.set(one, []);
      }
    }
    return [...this.#found.values()].flatMap((one) => {
      const joined = joining.get(one);
      if (joined === undefined) return [one];
      return joined.length === 0 ? [] : [{ ...one, hosts: [...one.hosts, ...joined] }];
    });
  }

  #begin(
    { outcome, exitCode, note, bytesDigest, stdout, stderr }: HostResult,
    how: Pick<Found, "digests" | "replaceNames">,
  ): Found {
    return {
      hosts: [],
      result: { outcome, exitCode, note, bytesDigest },
      kept: { stdout: this.#keep(stdout), stderr: this.#keep(stderr, STDERR.length) },
      ...how,
    };
  }

  /** `perLine`: what is shown before each line. */
  #keep(text: string, perLine = 0): KeptText {
    const room = Math.floor((this.#allChars - this.#keptChars) / PART_OF_ROOM);
    const maxChars = Math.max(MIN_CHARS, Math.min(MAX_CHARS, room));
    const shownChars = (kept: KeptText) => lengthOf(kept) + perLine * countLines(kept);
    let kept = shortenText(wholeText(text), maxChars);
    const shown = shownChars(kept);
    if (shown > maxChars) kept = shortenText(kept, Math.floor(lengthOf(kept) * maxChars / shown));
    this.#keptChars += shownChars(kept);
    return copyText(kept);
  }
}

function isNamed({ digests }: Found): boolean {
  return digests.withoutNames !== digests.asIs;
}

function countLines({ head, tail }: KeptText): number {
  return measureText(head).lines + measureText(tail).lines;
}

function toGroup(found: Found): ResultGroup {
  const { hosts, result, kept, replaceNames } = found;
  const hasPlaces = hosts.length > 1 && isNamed(found);
  const change = (text: string) => hasPlaces ? replaceNames(text) : text;
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
