import { z } from "zod";
import { offsetOfLastLines } from "../../outputs/piece.ts";
import { type Search, searchLines } from "../../outputs/search.ts";
import { jobIdSchema } from "./id.ts";
import { type JobReading, MAX_READ_BYTES, type Part, type Piece } from "./read.ts";
import { goesOn, JOB_STATES } from "./state.ts";

/** For how long an output is searched before other work has its turn, in milliseconds. */
export const TURN_MS = 5;

/** What is wanted of a job's output. */
export interface WantedOutput {
  /** Where to begin, in bytes. */
  readonly offset: number | null;
  /** The last lines alone: how many. */
  readonly tail: number | null;
  /** Lines that match alone, in RE2 syntax. */
  readonly grep: string | null;
  /** Lines around each match. */
  readonly context: number;
  /** Characters that are shown; 0: as many as are read at once. */
  readonly maxChars: number;
}

/** A job's output, as far as it is shown. */
export const shownJobSchema = z.object({
  id: jobIdSchema,
  state: z.string().describe(JOB_STATES.join(", ")),
  exit_code: z.int().nullable(),
  killed_by: z.string().nullable(),
  duration_s: z.int().nullable().describe("For how long it runs, or ran"),
  text: z.string(),
  left_out: z.int().describe("Bytes that are missing between text and rest"),
  rest: z.string().describe("The end of the output where the middle is left out"),
  matches: z.int().nullable().describe("Lines that match; null: none was searched for"),
  full: z.boolean().describe("Whether there was no room for a further match"),
  offset: z.int().nullable().describe("Where the text begins, in bytes"),
  next_offset: z.int().nullable().describe("Where to go on; null: nothing is left"),
  size: z.int().nullable().describe("Of the output until now; null: its log is no file"),
});

/** The same. */
export type ShownJob = z.output<typeof shownJobSchema>;

/** What is read around the lines that are searched, for context. */
const AROUND_BYTES = 64 * 1024;
const SEARCHED_BYTES = MAX_READ_BYTES - 2 * AROUND_BYTES;

/** The part of an output that has to be read for what is wanted: a character takes a byte at least. */
export function partFor(wanted: WantedOutput): Part {
  const { offset, tail, grep, context } = wanted;
  const maxBytes = Math.min(wanted.maxChars || MAX_READ_BYTES, MAX_READ_BYTES);
  if (tail !== null) {
    return { kind: "ends", head: 0, tail: grep === null ? maxBytes : MAX_READ_BYTES };
  }
  if (grep !== null) {
    const around = context === 0 ? 0 : AROUND_BYTES;
    return { kind: "from", offset, lead: around, bytes: SEARCHED_BYTES + around };
  }
  if (offset !== null) return { kind: "from", offset, lead: 0, bytes: maxBytes };
  const head = Math.floor(maxBytes / 4);
  return { kind: "ends", head, tail: maxBytes - head };
}

/** Shows what was read for it. Throws a `PatternError` for a bad pattern, and the reason of `signal`. */
export async function showJob(
  reading: JobReading,
  wanted: WantedOutput,
  searching: Searching,
): Promise<ShownJob> {
  const { id, life, size } = reading;
  const shown = size === null ? NOTHING : await showPieces(reading, { wanted, size, ...searching });
  return {
    id,
    state: life.state,
    exit_code: life.exitCode,
    killed_by: life.killedBy,
    duration_s: life.seconds,
    size,
    ...NOTHING,
    ...shown,
  };
}

type Shown = Pick<ShownJob, keyof typeof NOTHING>;

const NOTHING = {
  text: "",
  left_out: 0,
  rest: "",
  matches: null,
  full: false,
  offset: null,
  next_offset: null,
} satisfies Partial<ShownJob>;

/** Outputs are long, and searched in turn. */
export type Searching = Pick<Search, "signal" | "turns">;

interface Showing extends Searching {
  readonly wanted: WantedOutput;
  readonly size: number;
}

async function showPieces(reading: JobReading, showing: Showing): Promise<Partial<Shown>> {
  const { wanted: { tail, grep }, size } = showing;
  const [first = NO_PIECE, second] = reading.pieces;
  if (tail !== null) {
    const { lines, isCut } = lastLines(second ?? first, { count: tail, base: reading.base });
    if (grep !== null) return await showMatches(lines, { reading, grep, ...showing });
    const text = `${isCut ? CUT_LINES : ""}${decode(lines.bytes)}`;
    return { text, offset: lines.offset, next_offset: nextAfter(size, reading) };
  }
  if (grep !== null) return await showMatches(first, { reading, grep, ...showing });
  const head = startAtCharacter(endAtLine(first, { goesOn: goesOn(reading.life), size }));
  const { offset } = head;
  const text = decode(head.bytes);
  const end = endOf(head);
  if (second === undefined) return { text, offset, next_offset: nextAfter(end, reading) };
  const rest = startAtLine(second);
  return { text, offset, left_out: rest.offset - end, rest: decode(rest.bytes), next_offset: end };
}

const CUT_LINES = "[the beginning of these lines is left out]\n";

interface Matching extends Showing {
  readonly reading: JobReading;
  readonly grep: string;
}

/** What is incomplete yet, or goes on in the next part, is searched the next time. */
async function showMatches(
  { offset, bytes }: Piece,
  { reading, grep, wanted, signal, turns, size }: Matching,
): Promise<Partial<Shown>> {
  const isTail = wanted.tail !== null;
  const wish = isTail ? offset : wanted.offset ?? reading.base;
  const from = Math.max(0, Math.min(wish - offset, bytes.length));
  const isLast = offset + bytes.length >= size;
  const end = isLast || isTail ? bytes.length : Math.min(from + SEARCHED_BYTES, bytes.length);
  const lineEnd = bytes.subarray(0, end).lastIndexOf(LINE_FEED) + 1;
  const isWhole = isLast && !goesOn(reading.life);
  const to = isWhole || lineEnd <= from && !isLast ? end : Math.max(lineEnd, from);
  const found = await searchLines(bytes, {
    pattern: grep,
    context: wanted.context,
    from,
    maxChars: wanted.maxChars || MAX_READ_BYTES,
    turns,
    signal,
    part: { offset, to },
  });
  const { text, matches, next } = found;
  return {
    text,
    matches,
    full: next !== null,
    next_offset: next === null ? nextAfter(offset + to, reading) : offset + next,
  };
}

/** Where to go on after a place; null: nothing is left, and nothing will come. */
function nextAfter(end: number, { life, size }: JobReading): number | null {
  return size !== null && end < size || goesOn(life) ? end : null;
}

const NO_PIECE: Piece = { offset: 0, bytes: new Uint8Array(0) };
const LINE_FEED = 0x0a;

function endOf({ offset, bytes }: Piece): number {
  return offset + bytes.length;
}

/** The piece without a line, or a character, that goes on behind it. */
function endAtLine(
  piece: Piece,
  { goesOn, size }: { readonly goesOn: boolean; readonly size: number },
): Piece {
  const { offset, bytes } = piece;
  const isLast = endOf(piece) >= size;
  if (isLast && !goesOn) return piece;
  const lineEnd = bytes.lastIndexOf(LINE_FEED) + 1;
  if (!isLast && lineEnd >= bytes.length / 2) return { offset, bytes: bytes.subarray(0, lineEnd) };
  return { offset, bytes: bytes.subarray(0, endOfCharacters(bytes)) };
}

/** Where the last character ends that is whole, as far as that can be seen. */
function endOfCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

/** The end of an output without the line, or the character, that begins before it. */
function startAtLine(piece: Piece): Piece {
  const start = piece.bytes.indexOf(LINE_FEED) + 1;
  return start > 0 && start <= piece.bytes.length / 2
    ? { offset: piece.offset + start, bytes: piece.bytes.subarray(start) }
    : startAtCharacter(piece);
}

/** At most three bytes are the rest of a character; more are no text, and shown as they are. */
function startAtCharacter({ offset, bytes }: Piece): Piece {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return { offset: offset + start, bytes: bytes.subarray(start) };
}

/** The last lines of an output's end; cut, if they begin before it. */
function lastLines(
  piece: Piece,
  { count, base }: { readonly count: number; readonly base: number },
): { readonly lines: Piece; readonly isCut: boolean } {
  const { offset, bytes } = piece;
  const start = offsetOfLastLines(bytes, count);
  const isCut = start === 0 && offset > base;
  const lines = isCut ? startAtLine(piece) : {
    offset: offset + start,
    bytes: bytes.subarray(start),
  };
  return { lines, isCut };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
