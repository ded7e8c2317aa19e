import { type Entry, textOf } from "./entries.ts";
import { isSuccess, type KeptTexts } from "./fold.ts";
import { lengthOf, shortenText, wholeText } from "./kept_text.ts";
import { shareFairly } from "./share.ts";

/** The line that says what is left out has about so many characters. */
const MARKER_CHARS = 40;
/** Of a body with less room, only the beginning is shown. */
const SHORT_CHARS = 3 * MARKER_CHARS;
/** Of the room for outputs, what failures leave to successes. */
const FOR_SUCCESSES = 1 / 4;
/** What a body that is cut has at least: an ellipsis, and the line feed before it. */
export const MIN_BODY_CHARS = 2;

/** The outputs of entries, cut to `room` characters in all, each with a line feed; failures come first. */
export function cutBodies(entries: readonly Entry[], room: number): string[] {
  const wanting = entries.map((entry) => ({ entry, want: wantedChars(entry, room) }));
  const shares = room === Infinity ? wanting.map(() => Infinity) : shareRoom(wanting, room);
  return entries.map((entry, at) => cutBody(entry, (shares[at] ?? 0) - 1));
}

/** Where the characters are more than the room, it does not matter how many more. */
function wantedChars({ texts }: Entry, room: number): number {
  const chars = lengthOf(texts.stdout) + lengthOf(texts.stderr);
  const length = chars > room ? chars : textOf(texts).length;
  return length === 0 ? 0 : length + 1;
}

interface Wanting {
  readonly entry: Entry;
  readonly want: number;
}

function shareRoom(all: readonly Wanting[], room: number): number[] {
  const least = (list: readonly Wanting[]) =>
    list.map(({ want }) => Math.min(want, MIN_BODY_CHARS));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const successes = all.filter(({ entry }) => isSuccess(entry.group));
  const failures = all.filter(({ entry }) => !isSuccess(entry.group));
  const wanted = sum(successes.map(({ want }) => want));
  const forSuccesses = Math.min(wanted, Math.max(sum(least(successes)), room * FOR_SUCCESSES));
  const share = (list: readonly Wanting[], total: number) =>
    shareFairly(list.map(({ want }) => want), total);
  const ofFailures = share(failures, room - forSuccesses);
  const ofSuccesses = share(successes, room - sum(ofFailures));
  return all.map(({ entry }) => (isSuccess(entry.group) ? ofSuccesses : ofFailures).shift() ?? 0);
}

function cutBody({ texts }: Entry, room: number): string {
  if (lengthOf(texts.stdout) + lengthOf(texts.stderr) <= room) {
    const text = textOf(texts);
    if (text.length <= room) return text;
  }
  for (let chars = room - MARKER_CHARS; chars >= SHORT_CHARS - MARKER_CHARS;) {
    const text = textOf(shorten(texts, chars));
    if (text.length <= room) return text;
    // What is put before lines, and a second marker, took more room than there is.
    chars = Math.min(chars - 8, Math.floor(chars * room / text.length));
  }
  return room < 1 ? "" : beginningOf(texts, room);
}

function shorten({ stdout, stderr }: KeptTexts, chars: number): KeptTexts {
  const [forOut = 0, forErrors = 0] = shareFairly([lengthOf(stdout), lengthOf(stderr)], chars);
  return { stdout: shortenText(stdout, forOut), stderr: shortenText(stderr, forErrors) };
}

function beginningOf({ stdout, stderr }: KeptTexts, room: number): string {
  const start = (text: string) => wholeText(text.slice(0, room));
  const text = textOf({ stdout: start(stdout.head), stderr: start(stderr.head) });
  return text === "" ? "" : `${text.slice(0, room - 1).toWellFormed()}…`;
}
