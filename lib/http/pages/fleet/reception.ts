import type { Clock } from "../../../base/time/clock.ts";
import type { Denials } from "../../denied.ts";
import type { Attempts } from "../../visitors/attempts.ts";
import { createCrowd } from "../../visitors/crowd.ts";
import type { Sessions } from "../../visitors/sessions.ts";
import { type Act, answerAction } from "./actions.ts";
import {
  jsonAnswer,
  type Problem,
  problemAnswer,
  redirectAnswer,
  wantsJson,
} from "./answer/content.ts";
import type { Arrival } from "./request/arrival.ts";
import { answerAsset } from "./answer/asset.ts";
import { parseBack } from "./request/back.ts";
import type { Events } from "./live/events.ts";
import { createFormReader, type Form } from "./request/form.ts";
import { askToSignIn, createSignIn, formAnswer, signOut } from "./sign_in.ts";
import {
  type Admitted,
  createVisits,
  type HandleVisit,
  type Visit,
  type VisitsOptions,
} from "./request/visit.ts";

/** Options of `createReception()`. */
export interface ReceptionOptions extends VisitsOptions {
  readonly sessions: Sessions;
  readonly attempts: Attempts;
  readonly events: Events;
  readonly onDenied: Denials["report"];
  readonly clock: Clock;
  readonly stallMs: number;
}

/** Strangers whose forms are read at once. */
const MAX_STRANGERS = 64;
/** An answer that took longer is not given to somebody who is no longer accepted. */
const SLOW_MS = 100;

/** Answers requests for what there is, whoever sends them. */
export function createReception(
  options: ReceptionOptions,
): (arrival: Arrival) => Response | Promise<Response> {
  const reception = new Reception(options);
  return function receive(arrival) {
    return reception.receive(arrival);
  };
}

class Reception {
  readonly #options: ReceptionOptions;
  readonly #readForm: ReturnType<typeof createFormReader>;
  readonly #admitStranger = createCrowd(MAX_STRANGERS);
  readonly #signIn: ReturnType<typeof createSignIn>;
  readonly #handleVisit: HandleVisit;

  constructor(options: ReceptionOptions) {
    this.#options = options;
    this.#readForm = createFormReader(options);
    this.#signIn = createSignIn(options);
    this.#handleVisit = createVisits(options);
  }

  receive(arrival: Arrival): Response | Promise<Response> {
    const { request, route, visitor } = arrival;
    if (route.kind === "asset") return answerAsset(request, route.asset);
    if (route.kind === "moved") return redirectAnswer(route.to + new URL(request.url).search);
    if (route.kind === "nowhere") return problemAnswer(request, NOWHERE);
    if (route.kind === "sign_in") return this.#answerSignIn(arrival);
    if (route.kind === "sign_out") return this.#answerSignOut(request);
    if (visitor === null) return askToSignIn(request, { back: backTo(request) });
    const admitted = { ...arrival, visitor };
    switch (route.kind) {
      case "events":
        return this.#handleVisit(admitted, this.#options.events.answerEvents);
      case "page":
      case "data":
        return this.#answerVisitor(admitted, (visit) => route.answer(visit, route.name));
      case "action":
        return this.#answerForm(admitted, route.act);
    }
  }

  /** Where everybody is let in, there is nothing to sign in to. */
  async #answerSignIn(arrival: Arrival): Promise<Response> {
    const { request, visitor, info } = arrival;
    const needsNone = visitor !== null && visitor.sessionId === null;
    if (request.method !== "POST") {
      const back = parseBack(new URL(request.url).searchParams.get("back"));
      return visitor === null
        ? formAnswer({ status: 200, problem: null, back })
        : redirectAnswer(back);
    }
    const form = await this.#readSignInForm(arrival);
    if (form.kind === "problem") return problemAnswer(request, form.problem);
    const { field } = form;
    if (!needsNone) return this.#signIn({ request, info, field });
    return wantsJson(request)
      ? jsonAnswer({ problem: null })
      : redirectAnswer(parseBack(field("back")));
  }

  /** One that is never ended gives way to those of others. */
  async #readSignInForm({ request, claimant, isStranger }: Arrival): Promise<Form> {
    if (!isStranger) return await this.#readForm(request, { claimant });
    using guest = this.#admitStranger(claimant.name);
    return await this.#readForm(request, { claimant, signal: guest.signal });
  }

  #answerSignOut(request: Request): Response {
    const { sessions, events } = this.#options;
    const answer = signOut(request, sessions);
    events.check();
    return answer;
  }

  async #answerVisitor(
    admitted: Admitted,
    answer: (visit: Visit) => Response | Promise<Response>,
  ): Promise<Response> {
    const { clock } = this.#options;
    const { request, visitor } = admitted;
    const startedAt = clock.now();
    const response = await this.#handleVisit(admitted, answer);
    const isSlow = clock.now() - startedAt > SLOW_MS;
    return isSlow && !visitor.isAccepted() ? askToSignIn(request) : response;
  }

  /** A form may take its time: whoever sends it is authenticated again when it is there. */
  async #answerForm(admitted: Admitted, act: Act): Promise<Response> {
    const { request, visitor, claimant } = admitted;
    const form = await this.#readForm(request, { claimant });
    if (form.kind === "problem") return problemAnswer(request, form.problem);
    if (!visitor.isAccepted()) return askToSignIn(request);
    return await this.#handleVisit(admitted, async (visit) => {
      const action = { visit, field: form.field };
      return answerAction(action, await act(action));
    });
  }
}

const NOWHERE: Problem = {
  status: 404,
  title: "Nothing is here",
  text: "The fleet page is at /.",
};

/** What was asked for, unless it is nothing to go back to. */
function backTo({ method, url }: Request): string {
  if (method !== "GET" && method !== "HEAD") return "/";
  const { pathname, search } = new URL(url);
  return parseBack(pathname + search);
}
