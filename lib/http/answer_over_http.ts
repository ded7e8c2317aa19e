import type { Clock } from "../base/time/clock.ts";
import type { Answer } from "../mcp/answer.ts";
import { PacedStream, type StreamEnd } from "./paced_stream.ts";
import { toPacedResponse, toResponse, toStreamResponse } from "./response.ts";
import { createSseStream, type SseStream } from "./sse_stream.ts";

/** When an answer becomes an event stream, and how long its client may take. */
export interface AnswerTimes {
  readonly clock: Clock;
  /** How long an answer may take to be plain JSON. */
  readonly graceMs: number;
  /** Between two comments on an event stream. */
  readonly keepAliveMs: number;
  /** How long a client may read nothing of an answer. */
  readonly stallMs: number;
}

/** How a request's work reaches its client before the answer. */
export interface ClientHooks {
  /** Aborted when the client is gone. Means nothing after the answer: Deno then aborts it too. */
  readonly gone: AbortSignal;
  /** Sends a notification on the request's stream, if the client accepts one. */
  readonly notify: (message: string) => void;
}

/** What a request asks for. */
export interface RequestWork {
  /** Rejects, if ever, because of a bug. */
  readonly work: (hooks: ClientHooks) => Promise<Answer | null>;
  /** Called when the work has ended, whatever way. */
  readonly onEnd: () => void;
  /** Settles when the server has nothing more to do with the request's connection. */
  readonly completed: Promise<unknown>;
  /** Whether its connection carries other requests too. */
  readonly isMultiplexed: boolean;
}

/**
 * Answers one request: with JSON if `work` ends within `graceMs` and notifies of nothing before;
 * else with an event stream, or with JSON when it ends if the client does not accept streams.
 * A client that goes away ends the writing alone; `gone` informs the work. Rejects with what the work
 * rejects with, unless a stream is open, which then ends without an answer.
 */
export function answerOverHttp(
  request: Request,
  requestWork: RequestWork,
  options: AnswerTimes,
): Promise<Response> {
  const response = Promise.withResolvers<Response>();
  const gone = new AbortController();
  const acceptsStream = (request.headers.get("accept") ?? "").includes("text/event-stream");
  let stream: SseStream | null = null;
  let streamEnd: StreamEnd | null = null;
  let answered: Answer | null = null;
  const onSlow = acceptsStream ? openStream : watchRequest;
  const cancelWait = options.clock.after(options.graceMs, onSlow);

  function openStream(): SseStream {
    cancelWait();
    const opened = createSseStream({ ...options, onEnd: endStream });
    response.resolve(toStreamResponse(opened.body));
    stream = opened;
    return opened;
  }

  function endStream(how: StreamEnd) {
    streamEnd = how;
    if (how !== "read") gone.abort();
    if (answered !== null) settle(answered, how, requestWork.completed);
  }

  function watchRequest() {
    if (request.signal.aborted) gone.abort();
    request.signal.addEventListener("abort", () => gone.abort());
  }

  function notify(message: string) {
    if (acceptsStream) (stream ?? openStream()).offer(message);
  }

  async function serveWork(): Promise<void> {
    let answer: Answer | null;
    try {
      answer = await requestWork.work({ gone: gone.signal, notify });
    } catch (error) {
      return fail(error);
    } finally {
      requestWork.onEnd();
    }
    finish(answer);
  }

  function fail(error: unknown) {
    cancelWait();
    answered?.leave();
    stream?.close([]);
    response.reject(error);
  }

  function finish(answer: Answer | null) {
    cancelWait();
    answered = answer;
    if (stream === null) response.resolve(respond(answer, requestWork, options));
    else if (streamEnd === null) stream.close(answer === null ? [] : piecesOf(answer));
    else if (answer !== null) settle(answer, streamEnd, requestWork.completed);
  }

  void serveWork().catch(fail);
  return response.promise;
}

/** An answer as JSON. One short one is left to the server; others are handed out as they are read. */
function respond(
  answer: Answer | null,
  { completed, isMultiplexed }: RequestWork,
  { clock, stallMs }: AnswerTimes,
): Response {
  if (answer === null) return toResponse(null);
  if (answer.rest.length === 0 && !isMultiplexed) {
    settle(answer, "read", completed);
    return toResponse(answer);
  }
  const stream = new PacedStream({
    clock,
    stallMs,
    onEnd: (how) => settle(answer, how, completed),
  });
  for (const piece of piecesOf(answer)) stream.push(piece);
  stream.end();
  return toPacedResponse(answer, stream.body);
}

/** Frees what an answer holds. A client that reads nothing keeps its connection, and so its place. */
function settle(answer: Answer, how: StreamEnd, completed: Promise<unknown>): void {
  answer.release();
  if (how === "stalled") completed.then(answer.leave, answer.leave);
  else answer.leave();
}

function* piecesOf({ text, rest }: Answer): Generator<Uint8Array> {
  yield new TextEncoder().encode(text);
  yield* rest;
}
