import { letGo } from "../../../../base/bytes.ts";
import type { Clock } from "../../../../base/time/clock.ts";
import { PacedStream } from "../../../paced_stream.ts";
import type { ByteBudget, Receiver } from "./budget.ts";

/** What is handed to the server at once. */
const PIECE_BYTES = 16 * 1024;
/** What an answer is counted as while it is made; strangers get theirs at once. */
const UNMADE_BYTES = { visitors: PIECE_BYTES, strangers: 1024, assets: 1024 };
/** What the server may keep of an answer that it was handed, until its client has read it. */
const KEPT_BYTES = 6 * PIECE_BYTES;

/** Options of `createAnswerRoom()`. */
export interface AnswerRoomOptions {
  readonly clock: Clock;
  /** How long a client may read nothing of an answer. */
  readonly stallMs: number;
  readonly budget: ByteBudget;
}

/** Who is answered. */
export interface AnswerReceiver extends Receiver {
  /** Settles when nothing more is to be done about the request. */
  readonly completed: Promise<unknown>;
}

/** Has an answer made, and hands it out as it is read; null: there is no room for it now. */
export type AnswerWithin = (
  receiver: AnswerReceiver,
  make: () => Response | Promise<Response>,
) => Promise<Response | null>;

/** Bounds the memory of answers. */
export function createAnswerRoom({ budget, ...options }: AnswerRoomOptions): AnswerWithin {
  return async function answerWithin(receiver, make) {
    const { completed } = receiver;
    const place = budget.lease(receiver);
    const leave = () => place[Symbol.dispose]();
    let isLeaving = false;
    try {
      if (!place.take(UNMADE_BYTES[receiver.pool])) return null;
      const response = await make();
      if (response.body === null) return response;
      const bytes = await response.bytes();
      const { length } = bytes;
      if (!place.take(length)) return null;
      const stream = new PacedStream({
        ...options,
        onEnd: () => {
          letGo(bytes);
          place.giveBack(Math.max(0, length - KEPT_BYTES));
          completed.then(leave, leave);
        },
      });
      isLeaving = true;
      pushPieces(bytes, stream);
      return replaceBody(response, stream.body, length);
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
