import type { Clock } from "./clock.ts";

/** Between two reports of what was left out. */
const REPORT_MS = 60_000;

/** Options of `createRate()`. */
export interface RateOptions {
  /** How many of a key are admitted at once. */
  readonly burst: number;
  /** How long it takes until one more is. */
  readonly refillMs: number;
  readonly clock: Pick<Clock, "now" | "after">;
  /** Called a minute after the first that was not admitted, with how many there were since. */
  readonly onLeftOut: (key: string, count: number) => void;
}

/** Bounds how often something happens, for each key by itself. */
export interface Rate extends Disposable {
  /** Whether one more is admitted; if not, it is counted. */
  readonly admits: (key: string) => boolean;
  /** Reports at once what was left out. */
  readonly [Symbol.dispose]: () => void;
}

/** What is known of a key. */
interface Bucket {
  room: number;
  filledAt: number;
  leftOut: number;
  cancelReport: () => void;
}

/** Makes a `Rate`. It remembers every key: give it none that a stranger can make up. */
export function createRate({ burst, refillMs, clock, onLeftOut }: RateOptions): Rate {
  const buckets = new Map<string, Bucket>();

  function bucketOf(key: string): Bucket {
    const now = clock.now();
    const known = buckets.get(key);
    if (known === undefined) {
      const bucket = { room: burst, filledAt: now, leftOut: 0, cancelReport: () => {} };
      buckets.set(key, bucket);
      return bucket;
    }
    known.room = Math.min(burst, known.room + (now - known.filledAt) / refillMs);
    known.filledAt = now;
    return known;
  }

  function report(key: string, bucket: Bucket): void {
    if (bucket.leftOut === 0) return;
    onLeftOut(key, bucket.leftOut);
    bucket.leftOut = 0;
  }

  return {
    admits: (key) => {
      const bucket = bucketOf(key);
      if (bucket.room >= 1) {
        bucket.room--;
        return true;
      }
      if (bucket.leftOut === 0) {
        bucket.cancelReport = clock.after(REPORT_MS, () => report(key, bucket));
      }
      bucket.leftOut++;
      return false;
    },
    [Symbol.dispose]: () => {
      for (const [key, bucket] of buckets) {
        bucket.cancelReport();
        report(key, bucket);
      }
    },
  };
}
