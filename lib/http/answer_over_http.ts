import type { Clock } from "../base/clock.ts";
import type { Answer } from "../mcp/answer.ts";
import { toResponse, toStreamResponse } from "./response.ts";
import { createSseStream, type SseStream } from "./sse_stream.ts";

/** When an answer becomes an event stream, and how that is kept open. */
export interface AnswerTimes {
  readonly clock: Clock;
  /** How long an answer may take to be plain JSON. */
  readonly graceMs: number;
  /** Between two comments on an event stream. */
  readonly keepAliveMs: number;
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
  /** Must not reject. */
  readonly work: (hooks: ClientHooks) => Promise<Answer | null>;
  /** Called when the work has ended. */
  readonly onEnd: () => void;
}

/**
 * Answers one request: with JSON if `work` ends within `graceMs` and notifies of nothing before;
 * else with an event stream, or with JSON when it ends if the client does not accept streams.
 * A client that goes away ends the writing alone; `gone` informs the work.
 */
export function answerOverHttp(
  request: Request,
  { work, onEnd }: RequestWork,
  options: AnswerTimes,
): Promise<Response> {
  const response = Promise.withResolvers<Response>();
  const gone = new AbortController();
  const onGone = () => gone.abort();
  const acceptsStream = (request.headers.get("accept") ?? "").includes("text/event-stream");
  let stream: SseStream | null = null;
  const cancelWait = options.clock.after(
    options.graceMs,
    acceptsStream ? openStream : watchRequest,
  );

  function openStream(): SseStream {
    cancelWait();
    const opened = createSseStream({ ...options, onCancel: onGone });
    response.resolve(toStreamResponse(opened.body));
    stream = opened;
    return opened;
  }

  function watchRequest() {
    if (request.signal.aborted) onGone();
    request.signal.addEventListener("abort", onGone);
  }

  function notify(message: string) {
    if (acceptsStream) (stream ?? openStream()).offer(message);
  }

  function finish(answer: Answer | null) {
    onEnd();
    cancelWait();
    if (stream) stream.close(answer && answer.text);
    else response.resolve(toResponse(answer));
  }

  work({ gone: gone.signal, notify }).then(finish, response.reject);
  return response.promise;
}
