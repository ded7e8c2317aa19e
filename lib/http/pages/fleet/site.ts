import { collectGarbage } from "../../../base/collect_garbage.ts";
import { type Clock, systemClock } from "../../../base/time/clock.ts";
import type { Claimant } from "../../../calls/claimant.ts";
import { claimantOf } from "../../../fleet/claimant.ts";
import type { Authenticator } from "../../auth.ts";
import { completionOf } from "../../completion.ts";
import type { Denials } from "../../denied.ts";
import type { RequestInfo, Site } from "../../handler.ts";
import { addressOf, sourceOf } from "../../visitors/attempt_source.ts";
import { createAttempts } from "../../visitors/attempts.ts";
import { bearerOf, createFindVisitor, type Visitor } from "../../visitors/find_visitor.ts";
import type { Guesses } from "../../visitors/guesses.ts";
import { createOriginCheck, FROM_ELSEWHERE, isFromElsewhere } from "../../visitors/same_origin.ts";
import { createSessions } from "../../visitors/sessions.ts";
import { createReception } from "./reception.ts";
import { type Problem, problemAnswer } from "./answer/content.ts";
import type { Arrival } from "./request/arrival.ts";
import { createByteBudget, type Receiver } from "./answer/budget.ts";
import { createAnswerRoom, dropBody } from "./answer/room.ts";
import { createEvents } from "./live/events.ts";
import { isOfPage } from "./paths.ts";
import { findRoute, isForScripts, isPublic, methodsOf, type Route } from "./routes.ts";
import type { OpenView } from "./view.ts";

/** Options of `createSite()`. */
export interface SiteOptions {
  readonly authenticate: Authenticator;
  readonly openView: OpenView;
  /** Names beside that in `Host` from whose pages forms may be sent. */
  readonly allowedHosts: readonly string[];
  readonly onDenied: Denials["report"];
  /** Holds back the answer to a wrong bearer token; default: not at all. */
  readonly holdGuess?: Guesses["hold"];
  /** Called with what the server itself has done wrong; visitors learn no more of it. */
  readonly onBug: (error: unknown) => void;
  /** Aborted when the program is asked to stop. */
  readonly stop: AbortSignal;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Default: that of V8, where it lets programs do that. */
  readonly collectGarbage?: () => void;
  /** How long a client may send nothing of a form, or read nothing of an answer; default 30 s. */
  readonly stallMs?: number;
}

/**
 * Makes the fleet page: for visitors with a session or a token, or where nobody needs one; all others
 * get the form that asks for a token.
 */
export function createSite(options: SiteOptions): Site {
  const { authenticate, onDenied, onBug, clock = systemClock, stallMs = 30_000 } = options;
  const { holdGuess = () => null } = options;
  const sessions = createSessions({ authenticate, clock });
  const attempts = createAttempts(clock);
  const findVisitor = createFindVisitor({ authenticate, sessions });
  const findRefusal = createFindRefusal(options.allowedHosts);
  const budget = createByteBudget(options.collectGarbage ?? collectGarbage);
  const answerWithin = createAnswerRoom({ clock, stallMs, budget });
  const events = createEvents({ ...options, clock, stallMs, budget });
  const answer = createReception({ ...options, clock, stallMs, sessions, attempts, events });

  return function answerSite(request, path, info) {
    const route = findRoute(path) ?? findNowhere(request, path);
    if (route === null) return null;
    const visitor = findVisitor(request);
    const arrival = { request, route, info, visitor, ...identify(request, info, visitor) };
    const held = denyGuess(arrival);
    return (held === null ? serve(arrival) : held.then(() => serve(arrival))).catch((error) => {
      onBug(error);
      return problemAnswer(request, BUG);
    });
  };

  /** Before the visitor has a place: those who guess take none from those who want to sign in. */
  function denyGuess({ request, route, info, visitor }: Arrival): Promise<void> | null {
    if (visitor !== null || route.kind === "asset" || bearerOf(request) === null) return null;
    onDenied(request, info.remoteAddr ?? null);
    return holdGuess(request, info);
  }

  /** Strangers who take all of their share keep nobody from signing in who has done so before. */
  function identify(
    request: Request,
    info: RequestInfo,
    visitor: Visitor | null,
  ): Pick<Arrival, "claimant" | "isStranger"> {
    const source = sourceOf(request, info);
    const principal = visitor?.principal ?? attempts.knownPrincipal(source);
    return principal === null
      ? { claimant: strangerFrom(addressOf(source)), isStranger: true }
      : { claimant: claimantOf(principal), isStranger: false };
  }

  async function serve(arrival: Arrival): Promise<Response> {
    const { request, route, visitor, info } = arrival;
    const refusal = findRefusal(request, route, visitor);
    // An event stream bounds its memory itself.
    if (route.kind === "events" && refusal === null && visitor !== null) {
      return await answer(arrival);
    }
    const make = async () => {
      const response = refusal === null ? await answer(arrival) : problemAnswer(request, refusal);
      return request.method === "HEAD" ? await dropBody(response) : response;
    };
    const receiver = { ...receiverOf(arrival), completed: completionOf(info) };
    return await answerWithin(receiver, make) ?? problemAnswer(request, BUSY);
  }
}

/** People are answered as people; null: what else asks for nothing of the page. */
function findNowhere({ headers }: Request, path: string): Route | null {
  const isBrowser = (headers.get("accept") ?? "").includes("text/html");
  return isBrowser && isOfPage(path) ? { kind: "nowhere" } : null;
}

function receiverOf({ route, visitor, claimant, isStranger }: Arrival): Receiver {
  const ofStrangers = route.kind === "asset" ? "assets" : "strangers";
  return {
    pool: isStranger ? ofStrangers : "visitors",
    claimant,
    sessionId: visitor?.sessionId ?? null,
  };
}

/** No principal has such a name. */
function strangerFrom(address: string): Claimant {
  return { name: `from ${address}`, isOperator: false };
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
