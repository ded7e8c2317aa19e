import type { Clock } from "../../base/time/clock.ts";
import { CallEnded } from "../../mcp/in_flight.ts";

/** For so long a call goes on whose caller is disconnected and does not ask for its answer. */
export const LEASE_MS = 10_000;

/** Options of a `RunLease`. */
export interface LeaseOptions {
  /** Ends the run. */
  readonly ending: AbortController;
  readonly clock: Clock;
  /** Whether somebody has asked past this program within so many milliseconds. Never rejects. */
  readonly wasAsked: (withinMs: number) => Promise<boolean>;
}

/** Ends a run when its caller wants that, or seems to be gone for good. */
export class RunLease {
  readonly #options: LeaseOptions;
  /** Does nothing while the caller is connected. */
  #cancelTimer: (() => void) | null = null;
  #hasEnded = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** Does work until it ends, or `caller` ends it. */
  async run<T>(caller: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { ending } = this.#options;
    const follow = () => {
      const { reason } = caller;
      const isLost = reason instanceof CallEnded && reason.ending === "disconnected";
      if (isLost) this.#begin();
      else ending.abort(reason);
    };
    if (caller.aborted) follow();
    caller.addEventListener("abort", follow);
    try {
      return await work(ending.signal);
    } finally {
      caller.removeEventListener("abort", follow);
      this.#hasEnded = true;
      this.#cancelTimer?.();
    }
  }

  /** The caller has asked for the answer. */
  renew(): void {
    if (this.#cancelTimer === null) return;
    this.#cancelTimer();
    this.#begin();
  }

  #begin(): void {
    if (this.#hasEnded) return;
    this.#cancelTimer = this.#options.clock.after(LEASE_MS, () => {
      this.#expire().catch(() => {});
    });
  }

  async #expire(): Promise<void> {
    const { ending, wasAsked } = this.#options;
    if (await wasAsked(LEASE_MS)) this.#begin();
    else ending.abort(new CallEnded("disconnected"));
  }
}
