import type { Clock } from "../../../../base/time/clock.ts";
import { claimantOf } from "../../../../fleet/claimant.ts";
import type { Visitor } from "../../../visitors/find_visitor.ts";
import type { Arrival } from "./arrival.ts";
import type { Viewer } from "../model.ts";
import type { FleetView, OpenView } from "../view.ts";

/** A request of somebody who was let in. */
export interface Visit extends Pick<Arrival, "request" | "info"> {
  readonly url: URL;
  readonly visitor: Visitor;
  readonly viewer: Viewer;
  readonly view: FleetView;
  /** Wall clock of the hub. */
  readonly now: number;
  /** Aborted when the visitor leaves before the answer, or the hub is asked to stop. */
  readonly signal: AbortSignal;
}

/** Options of `createVisits()`. */
export interface VisitsOptions {
  readonly openView: OpenView;
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

/** An arrival of somebody who was let in. */
export type Admitted = Arrival & { readonly visitor: Visitor };

/** Has a visit answered. */
export type HandleVisit = (
  admitted: Admitted,
  answer: (visit: Visit) => Response | Promise<Response>,
) => Promise<Response>;

/** Makes visits of those who were let in. */
export function createVisits({ openView, clock, stop }: VisitsOptions): HandleVisit {
  const running = new Set<AbortController>();
  // One listener for all: what listens to a signal for a moment stays in its memory for good.
  stop.addEventListener("abort", () => {
    for (const visit of running) visit.abort();
  });

  return async function handleVisit({ request, info, visitor }, answer) {
    const visit = new AbortController();
    const abort = () => visit.abort();
    if (request.signal.aborted || stop.aborted) abort();
    request.signal.addEventListener("abort", abort);
    running.add(visit);
    try {
      return await answer({
        request,
        info,
        url: new URL(request.url),
        visitor,
        viewer: viewerOf(visitor),
        view: openView(visitor.principal),
        now: clock.wall(),
        signal: visit.signal,
      });
    } finally {
      running.delete(visit);
      request.signal.removeEventListener("abort", abort);
    }
  };
}

function viewerOf({ principal, sessionId }: Visitor): Viewer {
  const { isOperator } = claimantOf(principal);
  return { name: principal, isSignedIn: sessionId !== null, isOperator };
}
