import type { Clock } from "../../base/time/clock.ts";
import { HUB } from "../claimant.ts";
import { createLimiter, type Limiter, type NoPermit, type Permit } from "../limiter.ts";
import { createLimits, type Limits, type Load } from "../limits.ts";
import { destinationOf } from "./command.ts";
import { notDelivered, type SshCall, type SshFailure } from "./run.ts";

/** To one destination: sshd's `MaxSessions` is 10, and two are left for the operator's own. */
const PER_HOST = 8;
/** ssh processes in all. */
export const SESSIONS = 64;
/** ssh processes that connect for ports that are forwarded, beside those of calls. */
const CONNECTING = 64;
/** Calls that may wait for a session, for each host and in all. */
const WAITING_PER_HOST = 64;
const WAITING = 1024;
/** How long they may wait. */
export const WAIT_MS = 30_000;

/**
 * Places for ssh processes, to each destination and in all. Whoever acquires one waits for it, and
 * gives it back by disposal.
 */
export class Sessions {
  readonly #all: Limiter;
  readonly #connecting: Limiter;
  readonly #perHost: Limits;

  constructor(clock: Clock) {
    const bounds = { waiting: WAITING, waitMs: WAIT_MS, clock };
    this.#all = createLimiter({ ...bounds, running: SESSIONS });
    this.#connecting = createLimiter({ ...bounds, running: CONNECTING });
    this.#perHost = createLimits({ ...bounds, running: PER_HOST, waiting: WAITING_PER_HOST });
  }

  /** One of those to a call's destination. */
  async acquireToHost(
    { host, options: { claimant, signal } }: SshCall,
  ): Promise<Permit | SshFailure> {
    const place = await this.#perHost.of(destinationOf(host)).acquire(claimant, signal);
    return typeof place === "string" ? noPlace(place, PER_HOST, "to this host") : place;
  }

  /** One among all. */
  async acquireInAll({ options: { claimant, signal } }: SshCall): Promise<Permit | SshFailure> {
    const place = await this.#all.acquire(claimant, signal);
    return typeof place === "string" ? noPlace(place, SESSIONS, "in all") : place;
  }

  /** One to connect for ports alone. */
  async acquireToConnect(signal: AbortSignal): Promise<Permit | SshFailure> {
    const place = await this.#connecting.acquire(HUB, signal);
    return typeof place === "string" ? noPlace(place, CONNECTING, "being opened") : place;
  }

  /** Processes of calls. */
  get running(): number {
    return this.#all.running;
  }

  /** Whether calls have all sessions to a destination. */
  isFull(sshHost: string): boolean {
    return this.#perHost.of(sshHost).running === PER_HOST;
  }

  /** Whether one more session to a destination is in nobody's way, beside so many spare ones. */
  hasSpareRoom(sshHost: string, spares: number): boolean {
    const isFree = !this.isFull(sshHost) && this.#perHost.of(sshHost).waiting === 0;
    return isFree && this.running + spares < SESSIONS;
  }

  /** Processes of calls, and calls that wait for one. */
  load(): Load {
    return {
      running: this.#all.running,
      waiting: this.#all.waiting + this.#perHost.load().waiting,
    };
  }
}

function noPlace(why: NoPermit, limit: number, scope: string): SshFailure {
  switch (why) {
    case "cancelled":
      return notDelivered("cancelled");
    case "full":
      return notDelivered(`busy: ${limit} sessions ${scope} and no room to wait`);
    case "timeout":
      return notDelivered(`busy: ${limit} sessions ${scope} for ${WAIT_MS / 1000} s`);
  }
}
