import type { Reply } from "../reply.ts";
import { failedReply } from "../run_failure.ts";
import type { Procedure, ScriptRun } from "../script.ts";
import { FieldReader, readNumber } from "./fields.ts";
import { findJobFailure } from "./find.ts";
import { inPlaces, NOT_FOUND } from "./on_host.ts";
import type { JobPlace } from "./place.ts";
import { type JobLife, readJobState, spanOf } from "./state.ts";

/** Bytes of an output that are read at once, at most. */
export const MAX_READ_BYTES = 1024 * 1024;

/** Which part of an output is read. */
export type Part =
  /** What follows an offset, and some bytes before it. */
  | {
    readonly kind: "from";
    /** Null: its beginning. */
    readonly offset: number | null;
    readonly lead: number;
    readonly bytes: number;
  }
  /** Its beginning and its end. */
  | { readonly kind: "ends"; readonly head: number; readonly tail: number };

/** An output that is to be read. */
export interface JobRead {
  readonly places: readonly JobPlace[];
  /** Its id, or how it begins. */
  readonly id: string;
  readonly part: Part;
  /** How long to wait; 0: not. */
  readonly waitSeconds: number;
  /** The wait ends when there is output beyond; null: when the job has ended. */
  readonly beyond: number | null;
}

/** What was read of a job's output. */
export class JobReading {
  readonly id: string;
  readonly life: JobLife;
  /** Where the output begins in its file. */
  readonly base: number;
  /** Where it ends; null: it is in no file that can be read again. */
  readonly size: number | null;
  /** What follows each other, perhaps with a gap. */
  readonly pieces: readonly Piece[];

  constructor(known: Pick<JobReading, "id" | "life" | "base" | "size" | "pieces">) {
    this.id = known.id;
    this.life = known.life;
    this.base = known.base;
    this.size = known.size;
    this.pieces = known.pieces;
  }
}

/** Bytes of an output, and where they stand. */
export interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Reads a part of a job's output; `readingIn()` finds it in the reply. */
export function readJobProcedure(read: JobRead): Procedure {
  return {
    source: `${inPlaces(read.places, readScript(read))}${NOT_FOUND}`,
    input: null,
    limits: { headBytes: 2 * MAX_READ_BYTES, tailBytes: 0 },
    wholeOutput: true,
    read: (run) => {
      const failure = findJobFailure(run, read.id);
      if (failure !== null) return failedReply(failure);
      const reading = parseReading(run, read.part);
      return { text: "", failure: null, structured: { reading } };
    },
  };
}

/** The reading in the reply of a `readJobProcedure()`; null: there is none. */
export function readingIn({ structured }: Reply): JobReading | null {
  const reading = structured?.reading;
  return reading instanceof JobReading ? reading : null;
}

function readScript({ id, part, waitSeconds, beyond }: JobRead): string {
  const isEnough = beyond === null ? "" : `[ "\${size:-0}" -le ${beyond} ] || break\n`;
  return `job_find ${id} || exit
u=$((SECONDS + ${waitSeconds}))
while :; do
job_state "$e"
job_out "$e"
size=
if [ -f "$o" ]; then
size=$(wc -c <"$o") || exit 1
size=$((size))
fi
case $s in running|starting) ;; *) break ;; esac
${isEnough}[ "$SECONDS" -lt "$u" ] || break
job_nap 0.2
done
n=$(date +%s)
who=
[ "$s" != killed ] || { read -r x x who <"$e/killed"; } 2>/dev/null
[ "\${size:-$base}" -ge "$base" ] || base=0
${
    findPart(part)
  }printf '%s\\0' "\${e##*/}" "$s" "$c" "$since" "\${end:-$n}" "$who" "$base" "$size" "$from"
[ -n "$size" ] || exit 0
tail -c "+$((from + 1))" <"$o" | head -c "$count"
[ "$rest" -eq 0 ] || tail -c "+$((size - rest + 1))" <"$o" | head -c "$rest"
exit 0`;
}

/** Sets `from`, how many bytes are read there, and how many at the end. */
function findPart(part: Part): string {
  if (part.kind === "from") {
    return `at=${part.offset ?? "$base"} low=$base rest=0
[ "$at" -le "\${size:-0}" ] || at=\${size:-0}
[ "$at" -ge "$base" ] || low=0
from=$((at - ${part.lead}))
[ "$from" -ge "$low" ] || from=$low
count=$((at + ${part.bytes} - from))
`;
  }
  const { head, tail } = part;
  return `from=$base count=${head} rest=${tail}
[ "$((\${size:-0} - base))" -gt ${head + tail} ] || count=$((\${size:-0} - base)) rest=0
`;
}

function parseReading(run: ScriptRun, part: Part): JobReading {
  const reader = new FieldReader(run.output.bytes("stdout"));
  const [id = "", word = "", code, since, end, who = "", base, size, from] = reader.take(9);
  const offset = readNumber(from) ?? 0;
  const life: JobLife = {
    state: readJobState(word) ?? "lost",
    exitCode: readNumber(code),
    killedBy: who === "" ? null : who,
    seconds: spanOf(since, end),
  };
  const known = { id, life, base: readNumber(base) ?? 0, size: readNumber(size) };
  return new JobReading({ ...known, pieces: toPieces(reader.rest, { part, offset, ...known }) });
}

function toPieces(
  bytes: Uint8Array,
  { part, offset, base, size }: {
    readonly part: Part;
    readonly offset: number;
    readonly base: number;
    readonly size: number | null;
  },
): readonly Piece[] {
  if (size === null) return [];
  if (part.kind === "from" || size - base <= part.head + part.tail) return [{ offset, bytes }];
  return [
    { offset, bytes: bytes.subarray(0, part.head) },
    { offset: size - part.tail, bytes: bytes.subarray(part.head) },
  ];
}
