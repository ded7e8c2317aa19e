import { within } from "../../base/time/within.ts";
import type { Found, FoundClaim } from "../../work/claims/found.ts";
import { KEPT_AT_LEAST_MINUTES } from "../../work/claims/sweep.ts";
import type { ClaimQuestion, SentClaim, Transport } from "../transport.ts";

/** Between two questions over one transport: the first wait, and the longest. */
const PAUSES = { firstMs: 50, longestMs: 2_000 };
/** There is always so much time to ask, also for a call whose own is up. */
const LEAST_MS = 5_000;
/** A host that nobody can ask is given up after so long. */
const UNREACHABLE_MS = 30_000;
/** How long the host may wait for the end of a call before it answers. */
const WAIT_MS = 5_000;
/** Who claims says at once who it is, unless it has been killed in between. */
const BEGUN_MS = 5_000;
/** For so long a claim that is not there was never made; a minute is for the clocks. */
const TRUSTED_MS = (KEPT_AT_LEAST_MINUTES - 1) * 60_000;

/** Options of `settleClaim()`. */
export interface SettleOptions {
  /** The host's transports, in the order in which they are asked. */
  readonly transports: readonly Transport[];
  readonly signal: AbortSignal;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** The same as long as this machine neither sleeps nor has its clock set. */
  readonly wall: () => number;
  /** What is known before anybody is asked; null: nothing. */
  readonly first: FoundClaim | null;
  /** Whether a script that has ended without its answer may be about to leave it. */
  readonly awaitsAnswer: boolean;
}

/**
 * Asks a host what became of a claim until that is certain, or the time of its call is up. Null:
 * nobody could be asked. What is found `fenced` did not run, and will not.
 */
export async function settleClaim(
  claim: SentClaim,
  { first, ...options }: SettleOptions,
): Promise<FoundClaim | null> {
  const transports = options.transports.filter(({ settle }) => settle !== undefined);
  const inquiry = new Inquiry(claim, { ...options, transports });
  if (first !== null) inquiry.hear(first);
  await Promise.all(
    transports.map((transport, index) => inquiry.ask(transport, transports.slice(0, index))),
  );
  if (options.signal.aborted) transports.forEach(({ endClaimed }) => endClaimed?.(claim));
  return inquiry.known;
}

/** The questions about one claim, over several transports at once. */
class Inquiry {
  readonly #claim: SentClaim;
  readonly #options: Omit<SettleOptions, "first">;
  readonly #deadlineAt: number;
  /** Aborted when nobody needs to be asked any more. */
  readonly #over = new AbortController();
  /** Transports whose last question was of no use, and why, if somebody said so. */
  readonly #useless = new Map<Transport, FoundClaim | null>();
  #heardAt: number;
  /** The state that was heard last, and since when. */
  #state: { readonly name: Found["state"]; readonly since: number } | null = null;
  /** The newest answer that is of use; else one that says why it is not. */
  known: FoundClaim | null = null;

  constructor(claim: SentClaim, options: Omit<SettleOptions, "first">) {
    this.#claim = claim;
    this.#options = options;
    this.#heardAt = options.now();
    this.#deadlineAt = Math.max(claim.deadlineAt, this.#heardAt + LEAST_MS);
  }

  /** Asks over a transport, again and again, while all those before it are of no use. */
  async ask(transport: Transport, before: readonly Transport[]): Promise<void> {
    const signal = AbortSignal.any([this.#options.signal, this.#over.signal]);
    let pauseMs = PAUSES.firstMs;
    while (!signal.aborted) {
      const isNeeded = before.every((other) => this.#useless.has(other));
      if (isNeeded) {
        const answer = await transport.settle?.(this.#claim, this.#question(signal)) ?? null;
        if (signal.aborted) return;
        this.#take(transport, answer);
      }
      if (signal.aborted || this.#isTimeUp()) return;
      await within(new Promise(() => {}), pauseMs, signal);
      if (isNeeded) pauseMs = Math.min(2 * pauseMs, PAUSES.longestMs);
    }
  }

  /** Takes what somebody says of the claim. */
  hear(answer: FoundClaim): void {
    this.#heardAt = this.#options.now();
    this.known = answer;
    if (isUnderWay(answer.found, this.#inStateMs(answer.found), this.#options)) return;
    const isTrusted = this.#ageMs(this.#heardAt) < TRUSTED_MS;
    if (!isTrusted) this.known = withoutTrust(answer);
    this.#over.abort();
  }

  /** For how long it has been heard to be in that state. */
  #inStateMs({ state }: Found): number {
    if (this.#state?.name !== state) this.#state = { name: state, since: this.#heardAt };
    return this.#heardAt - this.#state.since;
  }

  #take(transport: Transport, answer: FoundClaim | null): void {
    if (answer !== null && answer.found.state !== "unable") {
      this.#useless.delete(transport);
      return this.hear(answer);
    }
    this.#useless.set(transport, answer);
    this.known ??= answer;
    const { transports } = this.#options;
    const isHopeless = transports.every((other) => (this.#useless.get(other) ?? null) !== null);
    if (isHopeless) this.#over.abort();
  }

  #question(signal: AbortSignal): ClaimQuestion {
    const now = this.#options.now();
    return {
      ageSeconds: Math.ceil(this.#ageMs(now) / 1000),
      waitMs: Math.max(0, Math.floor(Math.min(WAIT_MS, this.#deadlineAt - now))),
      signal,
    };
  }

  /** How long ago the call may have been sent, also while this machine slept. */
  #ageMs(now: number): number {
    return Math.max(now, this.#options.wall()) - this.#claim.sentAt;
  }

  #isTimeUp(): boolean {
    const now = this.#options.now();
    return now >= this.#deadlineAt || now - this.#heardAt >= UNREACHABLE_MS;
  }
}

/** Whether more may be known soon of what has been in a state for so long. */
function isUnderWay(
  { state }: Found,
  inStateMs: number,
  { awaitsAnswer }: Pick<SettleOptions, "awaitsAnswer">,
): boolean {
  switch (state) {
    case "running":
      return true;
    case "begun":
      return inStateMs < BEGUN_MS;
    case "exited":
      return awaitsAnswer && inStateMs < BEGUN_MS;
    case "ended":
    case "gone":
    case "rebooted":
    case "fenced":
    case "forgotten":
    case "unable":
    case "unclaimable":
      return false;
  }
}

/** After so long the claim may have been there, and have been removed since. */
function withoutTrust(answer: FoundClaim): FoundClaim {
  return answer.found.state === "fenced" ? { ...answer, found: { state: "forgotten" } } : answer;
}
