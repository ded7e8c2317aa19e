import type { Clock } from "../base/time/clock.ts";
import type { Redact } from "../base/text/redact.ts";
import { hostsOfIntent, type Intent } from "../calls/intent.ts";
import type { GivenInput } from "../mcp/input.ts";
import type { JsonObject } from "../mcp/message.ts";
import { readAnswer } from "./answer.ts";
import { idInState, isStateOf } from "./client_state.ts";
import { describeCall, shownHosts } from "./describe.ts";
import { digestsOf } from "./digests.ts";
import { newApprovalId } from "./new_id.ts";
import { Queues } from "./queues.ts";
import type { Approval, ApprovalRequest, ApprovalStore, Asked, Decision } from "./store.ts";
import { isOpen } from "./store.ts";
import {
  DECLINED,
  describeDifference,
  describeState,
  FULL,
  NOT_ANSWERED,
  NOT_ITS_STATE,
  NOT_KEPT,
  unknownApproval,
} from "./texts.ts";

/** How long an approval is asked for, and may be used: from the moment it is asked. */
export const APPROVAL_MS = 600_000;

/** What happens to an approval. */
export interface ApprovalEvent {
  readonly kind: "asked" | "allowed" | "denied" | "expired" | "used";
  readonly request: ApprovalRequest;
  /** Who has allowed or denied it; null: nobody. */
  readonly by: string | null;
  /** The server's own id of the call that has caused it; null: none has. */
  readonly requestId: string | null;
}

/** A call that is about to run. */
export interface WaitingCall {
  readonly requestId: string;
  readonly principal: string;
  readonly tool: string;
  /** As its caller wrote them, without `approval`. */
  readonly args: JsonObject;
  readonly intent: Intent;
  /** The id that its caller has given; null: none. */
  readonly approval: string | null;
  /** Whether it uses one that was allowed without naming it, as its caller cannot. */
  readonly namesNone: boolean;
  /** Whether its client asks its user. */
  readonly canBeAsked: boolean;
  /** What the user has answered; undefined: nothing was asked. */
  readonly input: GivenInput | undefined;
}

/** Whether a call may run, or what is to be done first. */
export type Verdict =
  | { readonly kind: "free" }
  | { readonly kind: "ask_client" | "ask_operator"; readonly request: ApprovalRequest }
  | { readonly kind: "refused"; readonly reason: string; readonly id: string | null };

/** Lets calls run that need no person, or that one has allowed. */
export interface ApprovalGate {
  readonly judge: (call: WaitingCall) => Promise<Verdict>;
  /** Those that wait for the operator, the oldest first. */
  readonly waiting: () => Promise<readonly Approval[]>;
  /** Decides one of these, as the operator. */
  readonly decide: (id: string, decision: Decision) => ReturnType<ApprovalStore["decide"]>;
  /** Forgets all that was asked for principals who are not known any more. */
  readonly forget: (principals: readonly string[]) => Promise<void>;
  /** Calls the listener when something has happened; returns the function that ends this. */
  readonly watch: (listener: () => void) => () => void;
  /** Ends what waits for the time of approvals to be over. */
  readonly close: () => void;
}

/** Options of `createApprovalGate()`. */
export interface GateOptions {
  readonly store: ApprovalStore;
  /** Who is to be asked about what a call is to do; null: nobody. */
  readonly whoIsAsked: (intent: Intent) => Asked | null;
  /** Where a host is, as its entry in the registry says. */
  readonly placeOf: (host: string) => string;
  readonly redact: Redact;
  readonly clock: Pick<Clock, "after" | "wall">;
  readonly onEvent: (event: ApprovalEvent) => void;
}

/** Makes an `ApprovalGate`. */
export function createApprovalGate(options: GateOptions): ApprovalGate {
  return new Gate(options);
}

class Gate implements ApprovalGate {
  readonly #options: GateOptions;
  /** By the ids of those whose time is not over, what ends the wait for that. */
  readonly #timers = new Map<string, () => void>();
  readonly #listeners = new Set<() => void>();
  /** By principal. */
  readonly #queues = new Queues();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  judge = async (call: WaitingCall): Promise<Verdict> => {
    const asked = this.#options.whoIsAsked(call.intent);
    if (asked === null) return { kind: "free" };
    const request = this.#requestOf(call, asked);
    if (call.approval !== null) return await this.#useGiven(call.approval, request, call);
    // Two at once would not know of each other: neither that they are the same, nor how many wait.
    return await this.#queues.next(call.principal, () => this.#judgeNext(request, call));
  };

  async #judgeNext(request: ApprovalRequest, call: WaitingCall): Promise<Verdict> {
    const { asked } = request;
    if (asked === "operator" || !call.canBeAsked) return await this.#askOperator(request, call);
    if (call.input !== undefined) return await this.#useAnswer(call.input, request, call);
    return await this.#ask(request, "ask_client", call);
  }

  waiting = async (): Promise<readonly Approval[]> => {
    const all = await this.#options.store.list();
    return all.filter(({ asked, state }) => asked === "operator" && state === "waiting");
  };

  decide: ApprovalGate["decide"] = async (id, decision) => {
    const known = await this.#options.store.find(id);
    if (known?.asked !== "operator") return { kind: "unknown" };
    const decided = await this.#options.store.decide(id, decision);
    if (decided.kind === "decided") this.#note(decision.verdict, decided.approval, decision.by);
    return decided;
  };

  forget = async (principals: readonly string[]): Promise<void> => {
    const all = await this.#options.store.list();
    const theirs = all.filter(({ principal }) => principals.includes(principal));
    await Promise.all(theirs.map(({ id }) => this.#expire(id)));
  };

  watch = (listener: () => void): () => void => {
    const own = () => listener();
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  };

  close = (): void => {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  };

  #requestOf({ principal, tool, args, intent }: WaitingCall, asked: Asked): ApprovalRequest {
    const { placeOf, redact, clock } = this.#options;
    const hosts = hostsOfIntent(intent);
    // The hosts stand there as they were found; whoever names one by `host` has no other targets.
    const where = Object.hasOwn(args, "host") ? "host" : "targets";
    const { [where]: _where, ...others } = args;
    const askedAt = clock.wall();
    return {
      id: newApprovalId(),
      asked,
      principal,
      tool,
      digests: digestsOf({ args, intent, placeOf }),
      hosts: shownHosts(hosts),
      shown: describeCall(
        { tool, principal, hosts, args: others, command: intent.command?.text },
        redact,
      ),
      signingKey: crypto.randomUUID(),
      askedAt,
      expiresAt: askedAt + APPROVAL_MS,
    };
  }

  async #ask(
    request: ApprovalRequest,
    kind: "ask_client" | "ask_operator",
    { requestId }: WaitingCall,
  ): Promise<Verdict> {
    const asked = kind === "ask_client" ? "client" : "operator";
    const own = { ...request, asked } as const;
    const { store, clock } = this.#options;
    let put = await store.put(own);
    if (put === "full" && await this.#giveUpQuestion(own.principal)) put = await store.put(own);
    if (put !== "kept") return refused(put === "full" ? FULL : NOT_KEPT, null);
    this.#timers.set(own.id, clock.after(APPROVAL_MS, () => this.#expireSoon(own.id)));
    this.#note("asked", own, null, requestId);
    return { kind, request: own };
  }

  /** Makes room: a client that is gone never answers what it was asked, and nobody else can. */
  async #giveUpQuestion(principal: string): Promise<boolean> {
    const oldest = (await this.#options.store.list()).find(({ asked, state, ...own }) =>
      own.principal === principal && asked === "client" && state === "waiting"
    );
    if (oldest !== undefined) await this.#expire(oldest.id);
    return oldest !== undefined;
  }

  /** A call that is repeated before anybody has answered does not ask once more. */
  async #askOperator(request: ApprovalRequest, call: WaitingCall): Promise<Verdict> {
    const known = (await this.#options.store.list()).find((approval) =>
      approval.asked === "operator" && approval.state !== "used" && isSame(approval, request)
    );
    if (known === undefined) return await this.#ask(request, "ask_operator", call);
    if (known.state === "allowed" && call.namesNone) return await this.#take(known, call);
    return known.state === "waiting"
      ? { kind: "ask_operator", request: known }
      : refused(describeState(known), known.id);
  }

  async #useGiven(id: string, request: ApprovalRequest, call: WaitingCall): Promise<Verdict> {
    const known = await this.#options.store.find(id);
    // Nobody learns that somebody else's is there.
    if (known === null || known.principal !== request.principal || known.asked !== "operator") {
      return refused(unknownApproval(id), null);
    }
    const difference = describeDifference(known, request);
    if (difference !== null) return refused(difference, id);
    return known.state === "allowed"
      ? await this.#take(known, call)
      : refused(describeState(known), id);
  }

  async #useAnswer(
    { state, responses }: GivenInput,
    request: ApprovalRequest,
    call: WaitingCall,
  ): Promise<Verdict> {
    const known = await this.#options.store.find(idInState(state));
    const isOwn = known !== null && known.asked === "client" && isStateOf(known, state) &&
      known.principal === request.principal;
    if (!isOwn) return refused(NOT_ITS_STATE, null);
    const difference = describeDifference(known, request);
    if (difference !== null) return refused(difference, null);
    const answer = readAnswer(responses);
    const by = `${known.principal}, asked by its client`;
    const verdict = answer === "allowed" ? "allowed" : "denied";
    const decided = await this.#options.store.decide(known.id, { verdict, by });
    if (decided.kind === "decided") this.#note(verdict, known, by);
    const isTaken = answer === "allowed" && await this.#options.store.take(known.id);
    if (isTaken) this.#note("used", known, null, call.requestId);
    // Nobody asks for it by its id: kept, it would take the place of what operators have denied.
    await this.#options.store.drop(known.id);
    if (isTaken) return { kind: "free" };
    if (answer === "dismissed") return await this.#askOperator(request, call);
    if (answer === "allowed") return refused(NOT_ITS_STATE, null);
    return refused(answer === "denied" ? DECLINED : NOT_ANSWERED, null);
  }

  /** Of all calls that use one approval, one runs. */
  async #take(approval: Approval, { requestId }: WaitingCall): Promise<Verdict> {
    if (await this.#options.store.take(approval.id)) {
      this.#note("used", approval, null, requestId);
      return { kind: "free" };
    }
    const now = await this.#options.store.find(approval.id);
    return refused(now === null ? unknownApproval(approval.id) : describeState(now), approval.id);
  }

  #expireSoon(id: string): void {
    // It is not there any more in any case.
    this.#expire(id).catch(() => {});
  }

  async #expire(id: string): Promise<void> {
    this.#endWait(id);
    const known = await this.#options.store.drop(id);
    if (known !== null && isOpen(known)) this.#note("expired", known, null);
  }

  #endWait(id: string): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }

  #note(
    kind: ApprovalEvent["kind"],
    request: ApprovalRequest,
    by: string | null,
    requestId: string | null = null,
  ): void {
    if (kind === "used" || kind === "denied") this.#endWait(request.id);
    this.#options.onEvent({ kind, request, by, requestId });
    for (const listener of this.#listeners) listener();
  }
}

function isSame(a: ApprovalRequest, b: ApprovalRequest): boolean {
  return a.principal === b.principal && describeDifference(a, b) === null;
}

function refused(reason: string, id: string | null): Verdict {
  return { kind: "refused", reason, id };
}
