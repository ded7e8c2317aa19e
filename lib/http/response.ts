import { type Answer, answerRefusal } from "../mcp/answer.ts";
import { HEADER_SESSION_ID } from "../mcp/era.ts";
import { INVALID_REQUEST, UNAVAILABLE } from "../mcp/message.ts";

/** A short answer as JSON; 202 without a body where there is none. */
export function toResponse(answer: Answer | null): Response {
  if (answer === null) return new Response(null, { status: 202 });
  const { text, httpStatus: status, sessionId } = answer;
  const headers = { "content-type": "application/json" };
  return new Response(text, {
    status,
    headers: sessionId === null ? headers : { ...headers, [HEADER_SESSION_ID]: sessionId },
  });
}

/** An answer as JSON in pieces. Its length is announced: a client sees when the body breaks off. */
export function toPacedResponse(answer: Answer, body: ReadableStream<Uint8Array>): Response {
  const { httpStatus: status, sessionId, bytes } = answer;
  const headers = { "content-type": "application/json", "content-length": String(bytes) };
  return new Response(body, {
    status,
    headers: sessionId === null ? headers : { ...headers, [HEADER_SESSION_ID]: sessionId },
  });
}

/** What a refusal may say beside its status and its text. */
export interface RefuseOptions {
  /** The JSON-RPC error code; default -32600, and -32000 with a status of 500 or more. */
  readonly code?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is refused before it is read as a message: a JSON-RPC error without an id. */
export function refuseRequest(
  httpStatus: number,
  message: string,
  options: RefuseOptions = {},
): Response {
  const { code = httpStatus < 500 ? INVALID_REQUEST : UNAVAILABLE, headers = {} } = options;
  const response = toResponse(answerRefusal(null, { code, message, httpStatus }));
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

/** A request without a valid token. */
export function refuseUnknown(): Response {
  return refuseRequest(401, "A valid bearer token is needed", {
    headers: { "www-authenticate": "Bearer" },
  });
}

/** An answer as an event stream that has just begun. */
export function toStreamResponse(body: ReadableStream<Uint8Array>): Response {
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-cache",
      // Without it nginx holds events back.
      "x-accel-buffering": "no",
    },
  });
}

/** A page that no cache may keep. */
export function textResponse(
  status: number,
  text: string,
  contentType = "text/plain; charset=utf-8",
): Response {
  const headers = { "content-type": contentType, "cache-control": "no-store" };
  return new Response(text, { status, headers });
}
