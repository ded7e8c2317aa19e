import type { Clock } from "../../base/time/clock.ts";
import type { Claimant } from "../../calls/claimant.ts";
import { createLimiter, type Limiter, type Permit } from "../../fleet/limiter.ts";
import { SESSIONS } from "../../fleet/ssh/sessions.ts";
import type { Admit, Via } from "../../fleet/transport.ts";

/** Hosts that are being connected to, or wait for their turn: by all runs, and by one. */
const CONNECTING = 1_024;
const CONNECTING_BY_RUN = 512;
/** A quarter of all ssh sessions is left for other calls. */
const SSH_COMMANDS = Math.floor(SESSIONS * 3 / 4);
/** Who waits here waits for as long as its run goes on: the longest a timer can. */
const WAIT_MS = 2 ** 31 - 1;

/** What all runs of the hub share. */
export interface RunLimits {
  readonly connecting: Limiter;
  readonly ssh: Limiter;
  readonly clock: Clock;
}

/** Makes the `RunLimits` of a hub. */
export function createRunLimits(clock: Clock): RunLimits {
  const limiter = (running: number) =>
    createLimiter({ running, waiting: Infinity, waitMs: WAIT_MS, clock });
  return { connecting: limiter(CONNECTING), ssh: limiter(SSH_COMMANDS), clock };
}

/** Lets a run's commands begin: no more than so many at once, and hosts be connected to before. */
export interface Admissions {
  /** Resolves when another host may be connected to; null: nobody waits for it any more. */
  readonly open: () => Promise<Admission | null>;
}

/** One host's. It takes up a place until it is disposed of. */
export interface Admission extends Disposable {
  /** Waits until the host's command may begin, for which it must be ready. */
  readonly admit: Admit;
  /** Whether its command may have begun. */
  readonly isAdmitted: () => boolean;
}

/** Options of `createAdmissions()`. */
export interface AdmissionsOptions {
  readonly limits: RunLimits;
  readonly claimant: Claimant;
  readonly signal: AbortSignal;
  /** Commands at once. */
  readonly parallel: number;
  /** Connections at once; default: as many as a run may have anywhere. */
  readonly maxOpen?: number;
}

/**
 * Makes the `Admissions` of one run. A host that is dead takes a place among those that are being
 * connected to, of which there are many, and none among those that run.
 */
export function createAdmissions(
  { limits, claimant, signal, parallel, maxOpen = CONNECTING_BY_RUN }: AdmissionsOptions,
): Admissions {
  const { clock } = limits;
  // The run's own limits are nobody else's, so nobody has a share in them.
  const owner: Claimant = { name: claimant.name, isOperator: true };
  const own = (running: number) =>
    createLimiter({ running, waiting: Infinity, waitMs: WAIT_MS, clock });
  const [connecting, commands] = [own(Math.min(CONNECTING_BY_RUN, maxOpen)), own(parallel)];

  async function open(): Promise<Admission | null> {
    const first = await connecting.acquire(owner, signal);
    if (typeof first === "string") return null;
    const second = await limits.connecting.acquire(claimant, signal);
    if (typeof second !== "string") return openAdmission([first, second]);
    first[Symbol.dispose]();
    return null;
  }

  function openAdmission(open: readonly Permit[]): Admission {
    const held: Permit[] = [];
    let [hasPlace, hasSession, isAdmitted] = [false, false, false];

    async function take(limiter: Limiter, who: Claimant): Promise<boolean> {
      const place = await limiter.acquire(who, signal);
      if (typeof place === "string") return false;
      held.push(place);
      return true;
    }

    async function admit(via: Via): Promise<boolean> {
      hasPlace ||= await take(commands, owner);
      if (!hasPlace) return false;
      for (const place of open) place[Symbol.dispose]();
      if (via === "ssh") hasSession ||= await take(limits.ssh, claimant);
      const mayBegin = via !== "ssh" || hasSession;
      isAdmitted ||= mayBegin;
      return mayBegin;
    }

    return {
      admit,
      isAdmitted: () => isAdmitted,
      [Symbol.dispose]: () => {
        for (const place of [...open, ...held]) place[Symbol.dispose]();
      },
    };
  }

  return { open };
}
