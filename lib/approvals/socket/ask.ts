import type { Clock } from "../../base/time/clock.ts";
import { messageOf } from "../../base/text/error_text.ts";
import { answerSchema, type HubAnswer, type OperatorRequest } from "./messages.ts";
import { readLine, writeLine } from "./read_line.ts";

/** 256 approvals, with room for escapes. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** A hub ends each connection sooner, unless it hangs. */
const MAX_MS = 15_000;

/** The hub's answer, or why there is none. */
export type Asked =
  | { readonly kind: "answer"; readonly answer: HubAnswer }
  /** Nothing is at the path. */
  | { readonly kind: "missing" }
  /** The hub that has made it does not run any more. */
  | { readonly kind: "left"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

/** Asks the hub that serves a socket. Never rejects, unless there is a bug. */
export async function askHub(
  path: string,
  request: OperatorRequest,
  clock: Pick<Clock, "after">,
): Promise<Asked> {
  let connection: Deno.UnixConn;
  try {
    connection = await Deno.connect({ transport: "unix", path });
  } catch (error) {
    return explain(error);
  }
  let isLate = false;
  const cancel = clock.after(MAX_MS, () => {
    isLate = true;
    connection.close();
  });
  try {
    await writeLine(connection, request);
    const text = await readLine(connection, MAX_ANSWER_BYTES);
    if (text === null) return { kind: "failed", reason: "the hub has closed it without an answer" };
    const parsed = answerSchema.safeParse(JSON.parse(text));
    return parsed.success
      ? { kind: "answer", answer: parsed.data }
      : { kind: "failed", reason: "the hub is of another version than this program" };
  } catch (error) {
    return { kind: "failed", reason: isLate ? LATE : messageOf(error) };
  } finally {
    cancel();
    if (!isLate) connection.close();
  }
}

const LATE = `the hub has not answered for ${MAX_MS / 1_000} seconds: it hangs, or is paused`;

function explain(error: unknown): Asked {
  if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
  const kind = error instanceof Deno.errors.ConnectionRefused ? "left" : "failed";
  return { kind, reason: failureText(error) };
}

/** Why a socket, or the directory in which it is, cannot be used. */
export function failureText(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionRefused) {
    return "the hub that has made it does not run any more; for one that does, set its " +
      "LMCP_HUB_CONTROL_DIR here, too";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "it is another user's: run this as the user of the hub, or as root";
  }
  return messageOf(error);
}
