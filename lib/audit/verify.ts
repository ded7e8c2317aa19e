import type { Problem } from "../base/problem.ts";
import { type ChainHead, hashBehind, hashOf, type Link, NO_LINE, readLink } from "./chain.ts";
import type { RawLine } from "./lines.ts";

/** Where a line is. */
export type Place = Pick<Problem, "source"> & { readonly line: number };

/** Lines, or ranges of lines, that are kept to be reported. */
const MAX_KEPT = 1_000;
/** Of six files in a row that hold nothing but the beginning of a line. */
const MAX_HEADS = 64;

/** What is known of a chain after all its lines. */
export interface Chain {
  /** The number of its first line; null: no line has the hash of another. */
  readonly first: number | null;
  readonly head: ChainHead;
}

/** A line with a link. */
interface LinkedLine extends Link {
  readonly place: Place;
  readonly hash: string;
}

/** A line without. */
interface LooseLine {
  readonly place: Place;
  /** It may have been cut off by a crash. */
  readonly isTorn: boolean;
  /** Nothing else is in its file, also no line break. */
  readonly isAlone: boolean;
}

/** Numbers of lines that were not there where they should have been. */
interface Missing {
  readonly from: number;
  readonly to: number;
  /** The line that came in their place. */
  readonly place: Place;
}

/** Options of `ChainVerifier`. */
export interface VerifierOptions {
  /** Called with what is wrong, not always in the order of lines. */
  readonly onProblem: (place: Place, message: string) => void;
}

/** Checks that lines are those that a hub wrote, all of them, in their order. */
export class ChainVerifier {
  readonly #report: VerifierOptions["onProblem"];
  /** The line of the highest number. */
  #top: LinkedLine | null = null;
  /** The hash of the line before this one, with or without a link; null: there is none. */
  #lastHash: string | null = null;
  /** The same of its bytes alone. */
  #lastOwnHash: string | null = null;
  #first: number | null = null;
  /** Where a hub may have been then: of a line that is alone in its file it may have known nothing. */
  #heads: readonly ChainHead[] = [];
  /** Lines without a link since `#top`: some of them, and how many. */
  #loose: LooseLine[] = [];
  #looseCount = 0;
  /** A line of which the one after it has another hash: which of the two was changed? */
  #doubted: { readonly accused: Place; readonly by: LinkedLine } | null = null;
  /** A line with too high a number: are lines missing before it, or is it out of place? */
  #jump: LinkedLine | null = null;
  readonly #missing: Missing[] = [];
  /** Numbers of lines that stand before their place. */
  readonly #early = new Set<number>();

  constructor({ onProblem }: VerifierOptions) {
    this.#report = onProblem;
  }

  /** Takes the next line; returns its hash, null: it is too long for a line. */
  add({ bytes, isEnded }: RawLine, place: Place): string | null {
    const link = bytes === null ? null : readLink(bytes);
    const own = bytes === null ? null : hashOf(bytes);
    const hash = bytes === null || this.#top === null ? own : hashBehind(bytes, this.#lastHash);
    // What ends a line that was cut off can end up in the next file.
    if (bytes?.length === 0 && place.line === 1) return hash;
    if (link === null || hash === null) {
      const isAlone = place.line === 1 && !isEnded;
      const loose = { place, isTorn: (isAlone || this.#top !== null) && isTorn(bytes), isAlone };
      this.#addLoose(loose);
      this.#noteHeads(bytes, loose);
    } else this.#addLinked({ ...link, place, hash });
    this.#lastHash = hash;
    this.#lastOwnHash = own;
    return hash;
  }

  /** Reports what only the end shows. */
  end(): Chain {
    this.#settleDoubt(null);
    this.#settleJump(null);
    if (this.#top !== null) this.#blameLoose(WITHOUT_HASH, { sparesTorn: true });
    for (const { from, to, place } of this.#missing) {
      const are = from === to ? `line number ${from} is` : `lines number ${from} to ${to} are`;
      this.#report(place, `${are} missing before this one`);
    }
    const head = this.#top === null ? NO_LINE : { seq: this.#top.seq, hash: this.#top.hash };
    return { first: this.#first, head };
  }

  #addLoose(line: LooseLine): void {
    this.#looseCount++;
    if (this.#loose.length < MAX_KEPT) this.#loose.push(line);
  }

  #noteHeads(bytes: Uint8Array | null, { isTorn, isAlone }: LooseLine): void {
    const known = isTorn && isAlone ? this.#heads : [];
    const behind = bytes === null ? [] : this.#heads.map(({ seq, hash }) => (
      { seq: seq + 1, hash: hashBehind(bytes, hash) }
    ));
    this.#heads = [...known, ...behind].slice(0, MAX_HEADS);
  }

  #addLinked(line: LinkedLine): void {
    this.#settleDoubt(line);
    this.#settleJump(line);
    const top = this.#top;
    if (top === null) this.#begin(line);
    else if (line.seq === 1 && (line.previous === null || line.previous === this.#lastOwnHash)) {
      this.#report(line.place, line.place.line === 1 ? NEW_CHAIN + OR_ORDER : NEW_CHAIN);
      this.#blameLoose(WITHOUT_HASH);
    } else if (this.#follows(line, top)) return this.#moveOn(line);
    else if (line.previous === top.hash && this.#lastHash === top.hash) {
      const wrong = `has the number ${line.seq}, and follows number ${top.seq}`;
      this.#report(line.place, `${wrong}: it was changed or added`);
      return this.#moveOn({ ...line, seq: top.seq + 1 });
    } else if (line.seq <= top.seq) return this.#addMisplaced(line, top);
    else if (line.seq > top.seq + this.#looseCount + 1) return this.#addJump(line);
    else this.#addChanged(line, top);
    this.#moveOn(line);
  }

  #moveOn(line: LinkedLine): void {
    this.#top = line;
    this.#heads = [line];
    this.#loose = [];
    this.#looseCount = 0;
  }

  /** The first line with a link: others before it are from before there were any. */
  #begin(line: LinkedLine): void {
    this.#first = line.seq;
    if (this.#looseCount === 0) return;
    const isOfThisFile = line.previous !== null || line.place.line > 1;
    if (line.seq > 1) {
      const message = `${WITHOUT_HASH}; line number ${line.seq} follows`;
      this.#blameLoose(message, { sparesTornAlone: true });
    } else if (isOfThisFile && line.previous !== this.#lastHash) {
      this.#report(
        line.place,
        "does not have the hash of the line before, which was changed or added",
      );
    }
  }

  /** Whether a line is the next one; reports lines without a link that are in between. */
  #follows(line: LinkedLine, top: LinkedLine): boolean {
    if (line.seq === top.seq + 1 && line.previous === top.hash) {
      // It also follows a line that was reported since it is out of place. A hub that crashed on the
      // first line of a file, and found that rotated away, knew nothing of it; nor does it say anything.
      this.#blameLoose("was added: the chain leads past it", { sparesTornAlone: true });
      return true;
    }
    const isNext = this.#heads.some(({ seq, hash }) => (
      line.seq === seq + 1 && line.previous === hash
    ));
    if (!isNext || this.#looseCount === 0) return false;
    // The hub itself found them in the file when it was started.
    this.#blameLoose(WITHOUT_HASH, { sparesTorn: true });
    return true;
  }

  /** A number that is too low: the line was there before, or should have been. */
  #addMisplaced(line: LinkedLine, top: LinkedLine): void {
    const order = `number ${line.seq} comes after number ${top.seq}`;
    if (line.place.line === 1) {
      this.#report(line.place, `${order}: name the files in their order, oldest first`);
      return this.#moveOn(line);
    }
    const isMissed = this.#takeMissing(line);
    const was = isMissed ? "was moved, or lines before it were" : "is a copy, or was added";
    this.#report(line.place, `${order}: it ${was}`);
  }

  /** A right number, behind a line of which it has another hash. */
  #addChanged(line: LinkedLine, top: LinkedLine): void {
    if (this.#looseCount === 0) this.#doubted = { accused: top.place, by: line };
    else {
      const isAnyTorn = this.#loose.some(({ isTorn }) => isTorn);
      this.#blameLoose(isAnyTorn ? CHANGED_OR_BEFORE : CHANGED);
    }
  }

  #addJump(line: LinkedLine): void {
    this.#blameLoose("was added, or changed: it has no hash");
    this.#loose = [];
    this.#looseCount = 0;
    this.#heads = [line];
    this.#jump = line;
  }

  /** The line after one with too high a number shows whether that is out of place. */
  #settleJump(next: LinkedLine | null): void {
    const [jump, top] = [this.#jump, this.#top];
    this.#jump = null;
    if (jump === null || top === null) return;
    if (next !== null && top.seq < next.seq && next.seq < jump.seq) {
      const order = `number ${jump.seq} comes before number ${next.seq}`;
      this.#report(jump.place, `${order}: it was moved, is a copy, or was added`);
      if (this.#early.size < MAX_KEPT) this.#early.add(jump.seq);
      return;
    }
    const missing = { from: top.seq + 1, to: jump.seq - 1, place: jump.place };
    const isKnown = missing.from === missing.to && this.#early.has(missing.to);
    if (!isKnown && this.#missing.length < MAX_KEPT) this.#missing.push(missing);
    this.#top = jump;
  }

  /** Whether a line is one of those that were missing, which it then is no more. */
  #takeMissing({ seq }: LinkedLine): boolean {
    const at = this.#missing.findIndex(({ from, to }) => from <= seq && seq <= to);
    const range = this.#missing[at];
    if (range === undefined) return false;
    const parts = [{ ...range, to: seq - 1 }, { ...range, from: seq + 1 }];
    this.#missing.splice(at, 1, ...parts.filter(({ from, to }) => from <= to));
    return true;
  }

  /** The line after the two shows whether the second one is as it was. */
  #settleDoubt(next: LinkedLine | null): void {
    if (this.#doubted === null) return;
    const { accused, by } = this.#doubted;
    this.#doubted = null;
    const isVouched = next !== null && next.previous === by.hash;
    this.#report(
      accused,
      isVouched
        ? "was changed: the next line has another hash of it"
        : `was changed, or the hash of it in line ${by.place.line} of ${by.place.source}`,
    );
  }

  #blameLoose(
    message: string,
    { sparesTorn = false, sparesTornAlone = false }: {
      readonly sparesTorn?: boolean;
      readonly sparesTornAlone?: boolean;
    } = {},
  ): void {
    for (const loose of this.#loose) {
      const isSpared = sparesTorn || sparesTornAlone && loose.isAlone;
      if (loose.isTorn && isSpared) continue;
      this.#report(loose.place, message);
    }
    const more = this.#looseCount - this.#loose.length;
    const last = this.#loose.at(-1);
    if (more > 0 && last !== undefined) {
      this.#report(last.place, `${more} more lines after this one are like it`);
    }
  }
}

const CHANGED = "was changed: it has no hash any more, or another than the next line says";
const CHANGED_OR_BEFORE =
  "was changed, or a line before it: it has no hash any more, or another than the next line says";
const WITHOUT_HASH = "has no hash of the line before: it was added, or changed, or written while " +
  "LMCP_HUB_AUDIT_CHAIN was off";
const NEW_CHAIN = "a new chain begins here: whether lines are missing before it is not known";
const OR_ORDER = " (or the files are not named in their order, oldest first)";

/** Whether a line is the beginning of one: no beginning of an object is JSON. */
function isTorn(bytes: Uint8Array | null): boolean {
  if (bytes === null) return false;
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return false;
  } catch {
    return true;
  }
}
