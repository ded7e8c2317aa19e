import type { Clock } from "../../../../base/time/clock.ts";
import { createBudget } from "../../../../calls/budget.ts";
import type { Claimant } from "../../../../calls/claimant.ts";
import { PacedStream } from "../../../paced_stream.ts";

/** Of all answers that are being made or have not left yet. */
const MAX_BYTES = 64 * 1024 * 1024;
/** What is handed to the server at once, and what every answer is at least counted as. */
const PIECE_BYTES = 64 * 1024;

/** Who is answered. */
export interface Receiver {
  readonly claimant: Claimant;
  /** Settles when nothing more is to be done about the request. */
  readonly completed: Promise<unknown>;
}

/** Has an answer made, and hands it out as it is read; null: there is no room for it now. */
export type AnswerWithin = (
  receiver: Receiver,
  make: () => Response | Promise<Response>,
) => Promise<Response | null>;

/** Bounds the memory of answers; a client may read nothing of one for `stallMs`. */
export function createAnswerRoom(
  options: { readonly clock: Clock; readonly stallMs: number },
): AnswerWithin {
  const budget = createBudget(() => MAX_BYTES);

  return async function answerWithin({ claimant, completed }, make) {
    const place = budget.lease(claimant);
    const leave = () => place[Symbol.dispose]();
    let isLeaving = false;
    try {
      if (!place.take(PIECE_BYTES)) return null;
      const response = await make();
      if (response.body === null) return response;
      const bytes = await response.bytes();
      if (!place.take(bytes.length)) return null;
      const stream = new PacedStream({
        ...options,
        onEnd: (how) => {
          place.giveBack(bytes.length);
          // What a client that reads nothing was handed stays with the server.
          if (how === "stalled") completed.then(leave, leave);
          else leave();
        },
      });
      isLeaving = true;
      pushPieces(bytes, stream);
      return replaceBody(response, stream.body, bytes.length);
    } finally {
      if (!isLeaving) leave();
    }
  };
}

/** The same answer without its content, as HEAD asks for. */
export async function dropBody(response: Response): Promise<Response> {
  const bytes = await response.bytes();
  return replaceBody(response, null, bytes.length);
}

function pushPieces(bytes: Uint8Array, stream: PacedStream): void {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    stream.push(bytes.subarray(start, start + PIECE_BYTES));
  }
  stream.end();
}

/** The length is announced: a client sees when the body breaks off. */
function replaceBody(
  { status, headers }: Response,
  body: ReadableStream<Uint8Array> | null,
  length: number,
): Response {
  const response = new Response(body, { status, headers });
  if (length > 0) response.headers.set("content-length", String(length));
  return response;
}
