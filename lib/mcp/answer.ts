import type { Refusal } from "./era.ts";
import { type RequestId, writeError, writeResult } from "./message.ts";

/** The response to one message, ready to be sent. */
export interface Answer {
  /** The JSON-RPC response, one line of JSON. */
  readonly text: string;
  /** For transports that have one. */
  readonly httpStatus: number;
  /** The session that this answer begins (legacy `initialize` over HTTP); else null. */
  readonly sessionId: string | null;
}

/** A success around a result that is JSON text already. */
export function answerResult(id: RequestId, resultJson: string): Answer {
  return { text: writeResult(id, resultJson), httpStatus: 200, sessionId: null };
}

/** A failure; `id` is null where the request's could not be read. */
export function answerRefusal(id: RequestId | null, refusal: Refusal): Answer {
  return { text: writeError(id, refusal), httpStatus: refusal.httpStatus, sessionId: null };
}
