import type { Found } from "../../work/claims/found.ts";
import { nextClaimId } from "../../work/claims/id.ts";
import type { Claim } from "../../work/claims/protocol.ts";
import type { Link } from "../link.ts";
import { nextStep } from "../outcome.ts";
import { settleClaim } from "./settle.ts";
import { type ClearAttempt, concludeClaim, type OpenAttempt } from "./settled.ts";
import type { Attempt, Call, Transport, Work } from "../transport.ts";

/** What came of one attempt. */
export interface ClaimedAttempt {
  readonly attempt: ClearAttempt;
  /** Its host was asked what became of it. */
  readonly isSettled: boolean;
  /** The answer is that of an earlier call with the same key. */
  readonly isEarlier: boolean;
}

type Unclaimable = Extract<Attempt, { readonly kind: "unclaimable" }>;

/** States of a claim whose call does not run any more. */
const OVER: readonly Found["state"][] = ["gone", "rebooted"];

/**
 * A call's attempts on one host, each under a claim that nobody has fenced. One that is fenced stays
 * behind, and the next one has the next number, so that calls with the same key still meet.
 */
export class ClaimedAttempts {
  readonly #link: Link;
  readonly #work: Work;
  readonly #call: Call;
  #claim: Claim | null;
  /** How far the wall clock was ahead of the other one when the last attempt began. */
  #wallAhead = 0;

  constructor(link: Link, work: Work, call: Call) {
    this.#link = link;
    this.#work = work;
    this.#call = call;
    this.#claim = work.readOnly ? null : call.claim ?? null;
  }

  /** Does the work over a transport, and finds out what came of it. */
  async over(transport: Transport): Promise<ClaimedAttempt> {
    let endsAt: number | null = null;
    for (;;) {
      const first = await this.#attempt(transport, this.#claim);
      const attempt = first.kind === "unclaimable"
        ? await this.#unclaimed(first, transport)
        : first;
      if (attempt.kind === "ran") return { attempt, isSettled: false, isEarlier: false };
      if (!this.#isOpen(attempt)) {
        const verified = await this.#verify(attempt, attempt, { isOver: false });
        return { attempt: verified, isSettled: verified !== attempt, isEarlier: false };
      }
      const known = await this.#settle(attempt);
      const isFenced = known?.found.state === "fenced";
      const goesOn = isFenced && this.#takeNext();
      endsAt ??= attempt.claim?.deadlineAt ?? null;
      const isInTime = endsAt !== null && this.#link.now() < endsAt;
      if (goesOn && attempt.kind === "taken" && isInTime) continue;
      const { digest } = this;
      const concluded = concludeClaim(known, attempt, { work: this.#work, digest });
      const isEarlier = attempt.kind === "taken" && digest !== null && concluded.kind === "ran";
      const isOver = OVER.some((state) => state === known?.found.state);
      const verified = await this.#verify(attempt, concluded, { isOver });
      return { attempt: verified, isSettled: true, isEarlier };
    }
  }

  /**
   * Looks whether work was done, where that can be seen: if its outcome is unknown, or its script has
   * failed, which it may have done at its very end.
   */
  async #verify(
    attempt: ClearAttempt | OpenAttempt,
    concluded: ClearAttempt,
    { isOver }: { readonly isOver: boolean },
  ): Promise<ClearAttempt> {
    if (attempt.kind !== "unknown" || attempt.verify === undefined) return concluded;
    const { signal } = this.#call;
    if (concluded.kind === "unknown") return await attempt.verify(concluded, { isOver, signal });
    if (concluded.kind !== "ran" || concluded.reply.failure === null) return concluded;
    const seen = await attempt.verify(attempt, { isOver: true, signal });
    return seen.kind === "ran" ? seen : concluded;
  }

  /** Of the tool and its arguments; null: the call has no key. */
  get digest(): string | null {
    return this.#claim?.digest ?? null;
  }

  /** Without a claim where none can be made, unless there must be one. */
  async #unclaimed(
    unclaimable: Unclaimable,
    transport: Transport,
  ): Promise<Exclude<Attempt, Unclaimable>> {
    const step = this.#nextStep(unclaimable);
    const last = step === "without_claim" ? await this.#attempt(transport, null) : unclaimable;
    if (last.kind !== "unclaimable") return last;
    return { kind: "not_run", reason: `it cannot be claimed there: ${last.reason}` };
  }

  #attempt(transport: Transport, claim: Claim | null): Promise<Attempt> {
    const { now, wall } = this.#link;
    this.#wallAhead = wall() - now();
    const call = claim === this.#call.claim ? this.#call : { ...this.#call, claim };
    return transport.attempt(this.#work, call);
  }

  #nextStep(attempt: Attempt) {
    const { readOnly } = this.#work;
    return nextStep(attempt, { readOnly, hasKey: this.digest !== null });
  }

  /** Whether its host is asked what became of it. */
  #isOpen(attempt: ClearAttempt | OpenAttempt): attempt is OpenAttempt {
    return this.#nextStep(attempt) === "settle";
  }

  #settle(attempt: OpenAttempt) {
    const { transports, now, wall } = this.#link;
    return settleClaim(attempt.claim, {
      transports,
      now,
      wall: () => wall() - this.#wallAhead,
      signal: this.#call.signal,
      first: attempt.kind === "taken" ? attempt.found : null,
      awaitsAnswer: attempt.kind === "taken",
    });
  }

  /** Takes the claim that follows one that is fenced; false: there is none. */
  #takeNext(): boolean {
    const id = this.#claim === null ? null : nextClaimId(this.#claim.id);
    if (this.#claim === null || id === null) return false;
    this.#claim = { ...this.#claim, id };
    return true;
  }
}
