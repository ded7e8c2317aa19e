import { type Clock, systemClock } from "../../../base/time/clock.ts";
import type { Claimant } from "../../../calls/claimant.ts";
import { claimantOf } from "../../../fleet/claimant.ts";
import type { Authenticator } from "../../auth.ts";
import { completionOf } from "../../completion.ts";
import type { Denials } from "../../denied.ts";
import type { Site } from "../../handler.ts";
import { createFindVisitor, type Visitor } from "../../visitors/find_visitor.ts";
import { createOriginCheck, FROM_ELSEWHERE, isFromElsewhere } from "../../visitors/same_origin.ts";
import { createSessions } from "../../visitors/sessions.ts";
import { createReception } from "./reception.ts";
import { type Problem, problemAnswer } from "./answer/content.ts";
import type { Arrival } from "./request/arrival.ts";
import { createAnswerRoom, dropBody } from "./answer/room.ts";
import { createEvents } from "./live/events.ts";
import { findRoute, isForScripts, isPublic, methodsOf, type Route } from "./routes.ts";
import type { OpenView } from "./view.ts";

/** What `createSite()` needs. */
export interface SiteOptions {
  readonly authenticate: Authenticator;
  readonly openView: OpenView;
  /** Names beside that in `Host` from whose pages forms may be sent. */
  readonly allowedHosts: readonly string[];
  readonly onDenied: Denials["report"];
  /** Called with what the server itself has done wrong; visitors learn no more of it. */
  readonly onBug: (error: unknown) => void;
  /** Aborted when the program is asked to stop. */
  readonly stop: AbortSignal;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** How long a client may send nothing of a form, or read nothing of an answer; default 30 s. */
  readonly stallMs?: number;
}

/** All of them together have the share of one principal. */
const STRANGER: Claimant = { name: "", isOperator: false };

/**
 * Makes the fleet page: for visitors with a session or a token, or where nobody needs one; all others
 * get the form that asks for a token.
 */
export function createSite(options: SiteOptions): Site {
  const { authenticate, onBug, clock = systemClock, stallMs = 30_000 } = options;
  const sessions = createSessions({ authenticate, clock });
  const findVisitor = createFindVisitor({ authenticate, sessions });
  const findRefusal = createFindRefusal(options.allowedHosts);
  const answerWithin = createAnswerRoom({ clock, stallMs });
  const events = createEvents({ ...options, clock, stallMs });
  const answer = createReception({ ...options, clock, stallMs, sessions, events });

  return function answerSite(request, path, info) {
    const route = findRoute(path);
    if (route === null) return null;
    const visitor = findVisitor(request);
    const refusal = findRefusal(request, route, visitor);
    if (refusal !== null) return problemAnswer(request, refusal);
    const claimant = visitor === null ? STRANGER : claimantOf(visitor.principal);
    return serve({ request, route, info, visitor, claimant }).catch((error) => {
      onBug(error);
      return problemAnswer(request, BUG);
    });
  };

  async function serve(arrival: Arrival): Promise<Response> {
    const { request, route, claimant, info } = arrival;
    // An event stream bounds its memory itself.
    if (route.kind === "events") return await answer(arrival);
    const make = async () => {
      const response = await answer(arrival);
      return request.method === "HEAD" ? await dropBody(response) : response;
    };
    const completed = completionOf(info);
    return await answerWithin({ claimant, completed }, make) ?? problemAnswer(request, BUSY);
  }
}

/** Why a request is refused before it is answered; null: it is not. */
function createFindRefusal(
  allowedHosts: readonly string[],
): (request: Request, route: Route, visitor: Visitor | null) => Problem | null {
  const checkOrigin = createOriginCheck(allowedHosts);

  function findOriginFault(request: Request, route: Route): string | null {
    if (request.method !== "GET" && request.method !== "HEAD") return checkOrigin(request);
    return isForScripts(route) && isFromElsewhere(request) ? FROM_ELSEWHERE : null;
  }

  return function findRefusal(request, route, visitor) {
    const fault = findOriginFault(request, route);
    if (fault !== null) return { status: 403, title: "Refused", text: `${fault}.` };
    const methods = methodsOf(route);
    // Strangers learn first that they must sign in.
    const isStranger = visitor === null && !isPublic(route);
    return isStranger || methods.includes(request.method) ? null : wrongMethod(methods);
  };
}

const BUSY: Problem = {
  status: 503,
  title: "Busy",
  text: "Too many answers wait to be read: try again later.",
  headers: { "retry-after": "5" },
};

const BUG: Problem = {
  status: 500,
  title: "Internal error",
  text: "The hub's log says what went wrong.",
};

function wrongMethod(methods: readonly string[]): Problem {
  const allow = methods.join(", ");
  return { status: 405, title: "Wrong method", text: `Use ${allow}.`, headers: { allow } };
}
