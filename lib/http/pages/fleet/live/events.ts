import type { Clock } from "../../../../base/time/clock.ts";
import { createBudget } from "../../../../calls/budget.ts";
import { claimantOf } from "../../../../fleet/claimant.ts";
import { toStreamResponse } from "../../../response.ts";
import type { ByteBudget } from "../answer/budget.ts";
import { problemAnswer } from "../answer/content.ts";
import { SECURITY_HEADERS } from "../document.ts";
import { LiveStream } from "./live_stream.ts";
import { completionOf } from "../../../completion.ts";
import type { Visit } from "../request/visit.ts";

/** Streams that are open at once: half of them for one principal, an eighth for operators alone. */
const MAX_STREAMS = 64;
const RETRY_SECONDS = 30;

/** Options of `createEvents()`. */
export interface EventsOptions {
  readonly clock: Clock;
  readonly stallMs: number;
  readonly onBug: (error: unknown) => void;
  readonly budget: ByteBudget;
  /** Aborted when the program is asked to stop, which ends all streams. */
  readonly stop: AbortSignal;
}

/** The event streams of all pages that are open. */
export interface Events {
  /** `/api/events`. */
  readonly answerEvents: (visit: Visit) => Response;
  /** Ends the streams of those who are no longer accepted, before their next beat would. */
  readonly check: () => void;
}

/** Makes `Events`. */
export function createEvents(options: EventsOptions): Events {
  const { stop, budget } = options;
  const places = createBudget(() => MAX_STREAMS);
  const streams = new Set<LiveStream>();
  stop.addEventListener("abort", () => {
    for (const stream of streams) stream.end();
  });

  return {
    answerEvents: function answerEvents(visit) {
      const { request, visitor: { principal, sessionId }, info } = visit;
      if (stop.aborted) return refuse(request, { text: "The hub is stopping.", seconds: 5 });
      if (request.method === "HEAD") return eventsResponse(null);
      const claimant = claimantOf(principal);
      const place = places.lease(claimant);
      const room = budget.lease({ pool: "visitors", claimant, sessionId });
      if (!place.take(1)) return refuse(request, TOO_MANY);
      const leave = () => {
        place[Symbol.dispose]();
        room[Symbol.dispose]();
      };
      const stream = new LiveStream({
        ...options,
        ...visit,
        room,
        onEnd: (how) => {
          streams.delete(stream);
          // A reader that reads nothing keeps its connection, and so its place.
          if (how === "stalled") completionOf(info).then(leave, leave);
          else leave();
        },
      });
      streams.add(stream);
      return eventsResponse(stream.body);
    },
    check: () => {
      for (const stream of streams) stream.check();
    },
  };
}

const TOO_MANY = {
  text: "Too many pages are open: this one does not change by itself. Close some.",
  seconds: RETRY_SECONDS,
};

function refuse(
  request: Request,
  { text, seconds }: { readonly text: string; readonly seconds: number },
): Response {
  const headers = { "retry-after": String(seconds) };
  return problemAnswer(request, { status: 503, title: "Not now", text, headers });
}

function eventsResponse(body: ReadableStream<Uint8Array> | null): Response {
  const response = body === null ? new Response(null) : toStreamResponse(body);
  const headers = { ...SECURITY_HEADERS, "content-type": "text/event-stream" };
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  response.headers.set("cache-control", "no-store");
  return response;
}
