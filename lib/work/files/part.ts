import { z } from "zod";
import type { JsonObject } from "../../mcp/message.ts";
import { cannot, Failure } from "../failure.ts";
import type { GuardedPath } from "../guard.ts";
import {
  failedRead,
  FILE_FAULTS,
  findReadFault,
  MAX_FILE_BYTES,
  openingScript,
  readBytesProcedure,
  withLine,
} from "../read_file.ts";
import type { Reply } from "../reply.ts";
import { failedReply } from "../run_failure.ts";
import type { Procedure, ScriptRun } from "../script.ts";
import { DIGEST } from "./digest.ts";
import { refuseProcedure } from "./refuse.ts";
import { FACTS, PART } from "./cut_out.ts";
import { decodeContent, describeBinary } from "./text.ts";

/** Longest wait for a file to grow, in seconds. */
export const MAX_FOLLOW_SECONDS = 600;

/** What says which part of a file is to be read, and how. */
export const partArguments = {
  offset: z.int().describe("First line; negative: from end").optional(),
  limit: z.int().min(1).max(1_000_000).describe("Lines").optional(),
  encoding: z.enum(["base64"]).describe("Any file").optional(),
  follow: z.int().min(0).max(MAX_FOLLOW_SECONDS).describe("Seconds to wait for more")
    .optional(),
};

/** A part of a file as a caller asks for it. */
export type Part = z.output<z.ZodObject<typeof partArguments>>;

/** Whether more is asked for than the whole of a text. */
export function isPart({ offset, limit, encoding, follow }: Part): boolean {
  return offset !== undefined || limit !== undefined || encoding !== undefined ||
    follow !== undefined;
}

/** What there is to say of lines that are shown. */
export interface ShownLines {
  readonly first_line: number;
  /** How many there are. */
  readonly lines: number;
  /** Where to go on; null: nothing is left. */
  readonly next_offset: number | null;
  /** Size of the file. */
  readonly bytes: number;
  /** Null: the file is too large. */
  readonly sha256: string | null;
  readonly encoding: string;
  /** What became of the file while it was followed, or before; null: nothing. */
  readonly changed: "replaced" | "truncated" | null;
}

/** The line behind a part that says which it is, and how to go on. */
export function describeLines(shown: ShownLines): string {
  const { first_line: first, lines, next_offset: next, changed, encoding } = shown;
  const which = lines === 0
    ? `no lines from ${first} on`
    : lines === 1
    ? `line ${first}`
    : `lines ${first}-${first + lines - 1}`;
  const hash = shown.sha256 === null ? "" : `, sha256 ${shown.sha256}`;
  const parts = [
    `${which} of ${shown.bytes} bytes${hash}`,
    ...(encoding === "utf-8" ? [] : [encoding]),
    ...(changed === null ? [] : [`the file was ${changed}`]),
    next === null ? "the end" : `next: offset=${next}`,
  ];
  return `[${parts.join("; ")}]`;
}

/**
 * Reads lines of a file of any size, without holding the rest of it, and waits for some; or the
 * bytes of a whole one.
 */
export function readPartProcedure(
  path: string,
  part: Part,
  guarded: GuardedPath | null = null,
): Procedure {
  if (part.encoding !== undefined) {
    const procedure = readBytesProcedure(path, guarded);
    return part.offset === undefined && part.limit === undefined && part.follow === undefined
      ? procedure
      : refuseProcedure(
        "read",
        path,
        "encoding reads the whole file: leave out offset, limit, follow",
      );
  }
  return {
    source: openingScript(path, guarded, DIGEST + FACTS + settings(part) + PART),
    input: null,
    limits: { headBytes: MAX_FILE_BYTES + 64 * 1024, tailBytes: 0 },
    wholeOutput: true,
    read: (run) => readPart(run, path, part),
  };
}

function settings({ offset = 1, limit, follow = 0 }: Part): string {
  return `
offset=${offset === 0 ? 1 : offset}
lines=${limit === undefined ? "" : limit + 1}
follow=${follow}
most=${MAX_FILE_BYTES}
`;
}

/** What the script says of a file. */
interface Facts {
  /** Lines before the part. */
  readonly skipped: number;
  readonly size: number;
  readonly sha256: string | null;
  readonly changed: ShownLines["changed"];
  /** The whole file was sent, since its lines are known only once it is decoded. */
  readonly isWhole: boolean;
}

function readFacts(said: string): Facts {
  const last = said.trimEnd().split("\n").at(-1) ?? "";
  const [, skipped, size, hash, changed, whole] =
    /^part (\d+) (\d+) ([0-9a-f]{64}|-) (replaced|truncated|-) (whole|-)$/.exec(last) ?? [];
  if (skipped === undefined) throw new Failure("the host did not say what it has read");
  return {
    skipped: Number(skipped),
    size: Number(size),
    sha256: hash === undefined || hash === "-" ? null : hash,
    changed: changed === "replaced" || changed === "truncated" ? changed : null,
    isWhole: whole === "whole",
  };
}

function readPart(run: ScriptRun, path: string, part: Part): Reply {
  const fault = findReadFault(run);
  if (fault !== null) return failedRead(run, path, fault);
  try {
    const facts = readFacts(run.output.text().stderr);
    return toReply(run.output.bytes("stdout"), facts, part);
  } catch (error) {
    if (error instanceof Failure) return failedReply(cannot("read", path, error.message));
    throw error;
  }
}

function toReply(bytes: Uint8Array, facts: Facts, part: Part): Reply {
  if (facts.isWhole && bytes.length > MAX_FILE_BYTES) throw new Failure(FILE_FAULTS.tooLong);
  // What was replaced does not grow any more.
  const isGrowing = part.follow !== undefined && facts.changed !== "replaced";
  const own = facts.isWhole ? null : cutLines(bytes, part.limit, { wholeOnly: isGrowing });
  const decoded = decodeContent(own?.bytes ?? bytes);
  if (decoded === null) throw new Failure(describeBinary(own?.bytes ?? bytes, facts));
  const { encoding } = decoded;
  const { skipped, text, lines, hasMore } = own === null
    ? sliceText(decoded.text, part)
    : { ...own, skipped: facts.skipped, text: decoded.text };
  const isFollowing = part.follow !== undefined;
  const next = facts.changed === null ? skipped + 1 + lines : 1;
  const shown: ShownLines = {
    first_line: skipped + 1,
    lines,
    next_offset: hasMore || isFollowing || facts.changed !== null ? next : null,
    bytes: facts.size,
    sha256: facts.sha256,
    encoding,
    changed: facts.changed,
  };
  const structured: JsonObject = { ...shown };
  return { text: withLine(text, describeLines(shown)), failure: null, structured };
}

const LINE_FEED = 0x0a;

/** The lines that were asked for, of one more that was sent; who follows gets whole ones alone. */
function cutLines(
  bytes: Uint8Array,
  limit = Infinity,
  { wholeOnly }: { readonly wholeOnly: boolean },
) {
  let [end, lines] = [0, 0];
  while (lines < limit) {
    const at = bytes.indexOf(LINE_FEED, end);
    if (at < 0) break;
    end = at + 1;
    lines++;
  }
  const isLong = bytes.length > MAX_FILE_BYTES;
  if (isLong && lines === 0) throw new Failure("it has a line of more than 32 MiB; use shell");
  if (lines < limit && !isLong && !wholeOnly && end < bytes.length) {
    return { bytes, lines: lines + 1, hasMore: false };
  }
  return { bytes: bytes.subarray(0, end), lines, hasMore: end < bytes.length };
}

/** The same of a text that is here as a whole. */
function sliceText(text: string, { offset = 1, limit = Infinity }: Part) {
  const all = text.split(/(?<=\n)/);
  const count = text === "" ? 0 : all.length;
  const skipped = Math.min(
    offset < 0 ? Math.max(0, count + offset) : Math.max(0, offset - 1),
    count,
  );
  const taken = all.slice(skipped, limit === Infinity ? undefined : skipped + limit);
  const lines = count === 0 ? 0 : taken.length;
  return { skipped, text: taken.join(""), lines, hasMore: skipped + lines < count };
}
