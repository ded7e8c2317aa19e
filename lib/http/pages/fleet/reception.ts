import type { Clock } from "../../../base/time/clock.ts";
import type { Denials } from "../../denied.ts";
import { bearerOf } from "../../visitors/find_visitor.ts";
import type { Sessions } from "../../visitors/sessions.ts";
import { type Act, answerAction } from "./actions.ts";
import { jsonAnswer, problemAnswer, redirectAnswer, wantsJson } from "./answer/content.ts";
import type { Arrival } from "./request/arrival.ts";
import { answerAsset } from "./answer/asset.ts";
import { parseBack } from "./request/back.ts";
import type { Events } from "./live/events.ts";
import { createFormReader } from "./request/form.ts";
import { askToSignIn, createSignIn, formAnswer, signOut } from "./sign_in.ts";
import { type Admitted, createVisits, type Visit, type VisitsOptions } from "./request/visit.ts";

/** What `createReception()` needs. */
export interface ReceptionOptions extends VisitsOptions {
  readonly sessions: Sessions;
  readonly events: Events;
  readonly onDenied: Denials["report"];
  readonly clock: Clock;
  readonly stallMs: number;
}

/** An answer that took longer is not given to somebody who is no longer accepted. */
const SLOW_MS = 100;

/** Answers requests for what there is, whoever sends them. */
export function createReception(
  options: ReceptionOptions,
): (arrival: Arrival) => Response | Promise<Response> {
  const { sessions, events, onDenied, clock } = options;
  const readForm = createFormReader(options);
  const signIn = createSignIn(options);
  const handleVisit = createVisits(options);

  return function receive(arrival) {
    const { request, route, visitor, info } = arrival;
    if (route.kind === "asset") return answerAsset(request, route.asset);
    if (route.kind === "sign_in") return answerSignIn(arrival);
    if (route.kind === "sign_out") return answerSignOut(request);
    if (visitor === null) {
      if (bearerOf(request) !== null) onDenied(request, info.remoteAddr ?? null);
      return askToSignIn(request, { back: backTo(request) });
    }
    const admitted = { ...arrival, visitor };
    switch (route.kind) {
      case "events":
        return handleVisit(admitted, events.answerEvents);
      case "page":
      case "data":
        return answerVisitor(admitted, (visit) => route.answer(visit, route.name));
      case "action":
        return answerForm(admitted, route.act);
    }
  };

  /** Where everybody is let in, there is nothing to sign in to. */
  async function answerSignIn({ request, visitor, claimant, info }: Arrival): Promise<Response> {
    const needsNone = visitor !== null && visitor.sessionId === null;
    if (request.method !== "POST") {
      const back = parseBack(new URL(request.url).searchParams.get("back"));
      return visitor === null
        ? formAnswer({ status: 200, problem: null, back })
        : redirectAnswer(back);
    }
    const form = await readForm(request, claimant);
    if (form.kind === "problem") return problemAnswer(request, form.problem);
    const { field } = form;
    if (!needsNone) return signIn({ request, info, field });
    return wantsJson(request)
      ? jsonAnswer({ problem: null })
      : redirectAnswer(parseBack(field("back")));
  }

  function answerSignOut(request: Request): Response {
    const answer = signOut(request, sessions);
    events.check();
    return answer;
  }

  async function answerVisitor(
    admitted: Admitted,
    answer: (visit: Visit) => Response | Promise<Response>,
  ): Promise<Response> {
    const { request, visitor } = admitted;
    const startedAt = clock.now();
    const response = await handleVisit(admitted, answer);
    const isSlow = clock.now() - startedAt > SLOW_MS;
    return isSlow && !visitor.isAccepted() ? askToSignIn(request) : response;
  }

  /** A form may take its time: whoever sends it is authenticated again when it is there. */
  async function answerForm(admitted: Admitted, act: Act): Promise<Response> {
    const { request, visitor, claimant } = admitted;
    const form = await readForm(request, claimant);
    if (form.kind === "problem") return problemAnswer(request, form.problem);
    if (!visitor.isAccepted()) return askToSignIn(request);
    return await handleVisit(admitted, async (visit) => {
      const action = { visit, field: form.field };
      return answerAction(action, await act(action));
    });
  }
}

/** What was asked for, unless it is nothing to go back to. */
function backTo({ method, url }: Request): string {
  if (method !== "GET" && method !== "HEAD") return "/";
  const { pathname, search } = new URL(url);
  return parseBack(pathname + search);
}
