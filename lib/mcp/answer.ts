import type { Refusal } from "./era.ts";
import {
  isJsonObject,
  type JsonObject,
  type RequestId,
  writeError,
  writeResult,
} from "./message.ts";

/** A shorter text is serialised again in less time than this takes. */
const LONG_CHARS = 64 * 1024;

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

/**
 * A tool's result as JSON. A long text mostly occurs in it twice, as the first block of `content`
 * and in `structuredContent`: it is serialised once.
 */
export function toResultJson(result: JsonObject): string {
  const text = longTextOf(result);
  if (text === null) return JSON.stringify(result);
  // Nobody can have foreseen the mark, so it occurs only where the text was.
  const mark = crypto.randomUUID();
  const json = JSON.stringify(result, (_key, value) => value === text ? mark : value);
  const textJson = JSON.stringify(text);
  return json.replaceAll(`"${mark}"`, () => textJson);
}

function longTextOf({ content }: JsonObject): string | null {
  const [first]: readonly unknown[] = Array.isArray(content) ? content : [];
  const text = isJsonObject(first) ? first.text : null;
  return typeof text === "string" && text.length >= LONG_CHARS ? text : null;
}
