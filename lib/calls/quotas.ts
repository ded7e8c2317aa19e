import type { Clock } from "../base/time/clock.ts";

/** How many calls one caller may make; null: as many as it likes. */
export interface CallLimits {
  /** In a minute. */
  readonly perMinute: number | null;
  /** At once. */
  readonly atOnce: number | null;
}

/** The limits of a caller that nobody has set any for. */
export const NO_LIMITS: CallLimits = { perMinute: null, atOnce: null };

/** Which of them a call was over, as the registry calls it. */
export type LimitName = "rate" | "concurrent";

/** Why a call may not begin now. */
export interface OverLimit {
  readonly limit: LimitName;
  readonly most: number;
  /** How long to wait until it may. */
  readonly waitMs: number;
}

/**
 * What a call does: it does something by itself, or it reads or ends what an earlier one does. Each
 * kind has as many places at once: a caller whose calls all still run can read and end them.
 */
export type CallKind = "work" | "read" | "end";

/** The calls of each caller, counted against its limits. */
export interface Quotas {
  /** Begins a call: what is to be called when it has ended, or why it may not begin. */
  readonly begin: (caller: string, kind: CallKind) => (() => void) | OverLimit;
}

/** Options of `createQuotas()`. */
export interface QuotasOptions {
  /** Those of a caller, at this moment; null: its calls are not even counted. */
  readonly limitsOf: (caller: string) => CallLimits | null;
  readonly now: Clock["now"];
}

const MINUTE_MS = 60_000;
/** When a running call ends is not known. */
const PLACE_WAIT_MS = 5_000;
/** Sums of fractions are not exact. */
const EPSILON = 1e-6;

/**
 * Makes `Quotas`. The calls of a minute are a bucket: it holds as many as a minute has, so that they
 * may come all at once, and gets one back each time that one call's part of a minute has passed. A call
 * that may not begin costs nothing.
 */
export function createQuotas({ limitsOf, now }: QuotasOptions): Quotas {
  const usages = new Map<string, Usage>();

  function usageOf(caller: string): Usage {
    const known = usages.get(caller);
    if (known !== undefined) return known;
    // Whoever has nothing under way is as good as new.
    for (const [name, usage] of usages) {
      if (usage.isIdle(limitsOf(name)?.perMinute ?? null, now())) usages.delete(name);
    }
    const usage = new Usage(now());
    usages.set(caller, usage);
    return usage;
  }

  return {
    begin: (caller, kind) => {
      const limits = limitsOf(caller);
      return limits === null ? nothing : usageOf(caller).begin(kind, limits, now());
    },
  };
}

function nothing(): void {}

/** What one caller has under way. */
class Usage {
  readonly #running: Record<CallKind, number> = { work: 0, read: 0, end: 0 };
  /** Calls of the last minute that it has not got back yet. */
  #spent = 0;
  #drainedAt: number;

  constructor(at: number) {
    this.#drainedAt = at;
  }

  begin(kind: CallKind, { perMinute, atOnce }: CallLimits, at: number): (() => void) | OverLimit {
    if (atOnce !== null && this.#running[kind] >= atOnce) {
      return { limit: "concurrent", most: atOnce, waitMs: PLACE_WAIT_MS };
    }
    this.#drain(perMinute, at);
    if (perMinute !== null) {
      const over = this.#spent + 1 - perMinute;
      if (over > EPSILON) {
        return { limit: "rate", most: perMinute, waitMs: over * MINUTE_MS / perMinute };
      }
      this.#spent++;
    }
    this.#running[kind]++;
    let hasEnded = false;
    return () => {
      if (!hasEnded) this.#running[kind]--;
      hasEnded = true;
    };
  }

  isIdle(perMinute: number | null, at: number): boolean {
    this.#drain(perMinute, at);
    return this.#spent === 0 && Object.values(this.#running).every((count) => count === 0);
  }

  /** A limit that was lowered does not make up for what was spent above it. */
  #drain(perMinute: number | null, at: number): void {
    const back = perMinute === null ? Infinity : (at - this.#drainedAt) * perMinute / MINUTE_MS;
    this.#spent = Math.max(0, Math.min(this.#spent, perMinute ?? 0) - back);
    this.#drainedAt = at;
  }
}
