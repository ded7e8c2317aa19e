import type { Refusal } from "./era.ts";
import { type RequestId, writeError, writeResult } from "./message.ts";
import { type JsonPieces, sizeOf } from "./json/pieces.ts";

/** The response to one message, ready to be sent: the JSON-RPC response, one line of JSON. */
export interface Answer extends JsonPieces {
  readonly bytes: number;
  /** For transports that have one. */
  readonly httpStatus: number;
  /** The session that this answer begins (legacy `initialize` over HTTP); else null. */
  readonly sessionId: string | null;
  /** To be called when its bytes have left, or were dropped: makes room for those of others. */
  readonly release: () => void;
  /** To be called when nothing of it is on its way any more: gives back its call's place. */
  readonly leave: () => void;
}

const nothing = () => {};

/** A success around a result that is JSON text already. */
export function answerResult(id: RequestId, resultJson: string): Answer {
  return answerPieces(id, { text: resultJson, rest: [] });
}

/** A success around a result that is JSON already, perhaps in pieces. */
export function answerPieces(id: RequestId, { text, rest }: JsonPieces): Answer {
  const pieces = rest.length === 0 ? { text: writeResult(id, text), rest } : around(id, text, rest);
  return answer(pieces, 200);
}

/** A failure; `id` is null where the request's could not be read. */
export function answerRefusal(id: RequestId | null, refusal: Refusal): Answer {
  return answer({ text: writeError(id, refusal), rest: [] }, refusal.httpStatus);
}

function answer(pieces: JsonPieces, httpStatus: number): Answer {
  const bytes = sizeOf(pieces);
  return { ...pieces, bytes, httpStatus, sessionId: null, release: nothing, leave: nothing };
}

function around(id: RequestId, text: string, rest: readonly Uint8Array[]): JsonPieces {
  const [start = "", end = ""] = writeResult(id, MARK).split(MARK);
  return { text: start + text, rest: [...rest, new TextEncoder().encode(end)] };
}

/** No id holds it, since it is no JSON text. */
const MARK = "\n";
