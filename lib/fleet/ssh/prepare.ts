import type { Lease } from "../../calls/budget.ts";
import type { Reply } from "../../work/reply.ts";
import type { Procedure } from "../../work/script.ts";
import type { Host } from "../host.ts";
import { type Attempt, type Call, NO_ROOM, payloadMs } from "../transport.ts";
import type { Ssh } from "./client.ts";

/** What lies in memory for each byte that was read: a text, the text after it, and its bytes. */
const FURTHER_COPIES = 3;
/** There is always so much time for the script that does the work. */
const LEAST_MS = 1_000;

/** The script that does some work, and how long it may take; or the result of the work before. */
export type Prepared =
  | { readonly kind: "ready"; readonly procedure: Procedure; readonly runMs: number }
  | Attempt;

/** Options of `prepare()`. */
export interface PrepareOptions {
  readonly host: Host;
  readonly ssh: Ssh;
  readonly call: Call;
  /** For what is read; null: there is enough. */
  readonly room: Lease | null;
  /** How long all scripts of the work may take, but for the size of what is read and written. */
  readonly runMs: number;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

/** Reads on the host what the script that does the work is made of, where it is made of something. */
export async function prepare(
  procedure: Procedure,
  { host, ssh, call, room, runMs, now }: PrepareOptions,
): Promise<Prepared> {
  if (procedure.next === undefined) return { kind: "ready", procedure, runMs };
  const startedAt = now();
  const { signal } = call;
  const result = await ssh.run(host, procedure, {
    ...call,
    ...(room && { room }),
    onProgress: null,
    runMs,
    reuse: true,
  });
  // What only read may be read again: nothing has changed.
  if (result.kind !== "ran") return { kind: "not_run", reason: result.reason };
  using _output = result.output;
  if (room?.take(FURTHER_COPIES * room.held) === false) return { kind: "not_run", reason: NO_ROOM };
  const next = await procedure.next(result);
  if (signal.aborted) return { kind: "not_run", reason: "cancelled" };
  // Whoever calls again with the same key finds this reply, too.
  const hasKey = typeof call.claim?.digest === "string";
  if (!("source" in next) && !hasKey) return { kind: "ran", reply: next, exitCode: null };
  const made = "source" in next ? next : onlySay(next);
  const leftMs = Math.max(LEAST_MS, runMs - (now() - startedAt));
  const contentMs = payloadMs({ payloadBytes: made.input?.length ?? 0 });
  return { kind: "ready", procedure: made, runMs: leftMs + contentMs };
}

/** Work that changes nothing, and has its reply already. */
function onlySay(reply: Reply): Procedure {
  return {
    source: "exit 1\n",
    input: null,
    limits: { headBytes: 1_024, tailBytes: 0 },
    wholeOutput: false,
    read: () => reply,
  };
}
