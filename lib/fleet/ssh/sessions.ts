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
/** Calls that may wait for a session, for each host and in all, and for how long. */
const WAITING_PER_HOST = 64;
const WAITING = 1024;
export const WAIT_MS = 30_000;

/** How many ssh processes there may be, to each destination and in all, and who waits for one. */
export class Sessions {
  readonly #all: Limiter;
  readonly #connecting: Limiter;
  readonly #perHost: Limits;

  constructor(clock: Clock) {
    const ofHub = { waiting: WAITING, waitMs: WAIT_MS, clock };
    this.#all = createLimiter({ ...ofHub, running: SESSIONS });
    this.#connecting = createLimiter({ ...ofHub, running: CONNECTING });
    this.#perHost = createLimits({ ...ofHub, running: PER_HOST, waiting: WAITING_PER_HOST });
  }

  /** Waits for one of the sessions to a call's destination. */
  async toHost({ host, options: { claimant, signal } }: SshCall): Promise<Permit | SshFailure> {
    const place = await this.#perHost.of(destinationOf(host)).acquire(claimant, signal);
    return typeof place === "string" ? noPlace(place, PER_HOST, "to this host") : place;
  }

  /** Waits for a process among all. */
  async inAll({ options: { claimant, signal } }: SshCall): Promise<Permit | SshFailure> {
    const place = await this.#all.acquire(claimant, signal);
    return typeof place === "string" ? noPlace(place, SESSIONS, "in all") : place;
  }

  /** Waits for a process that connects for ports alone. */
  async toConnect(signal: AbortSignal): Promise<Permit | SshFailure> {
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
