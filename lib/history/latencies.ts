import type { PastLatencies } from "./reader.ts";

/** One each 15 seconds for an hour; hosts are probed half as often. */
const MAX_LATENCIES = 240;
const KEPT_SECONDS = 3_600;
/** For which medians are computed. */
const MINUTES = 60;

/** The latencies of one host over the last hour, in 2 kB. */
export class Latencies {
  /** Seconds since 1970. */
  readonly #at = new Uint32Array(MAX_LATENCIES);
  readonly #ms = new Float32Array(MAX_LATENCIES);
  #count = 0;

  record(ms: number, now: number): void {
    const place = this.#count++ % MAX_LATENCIES;
    this.#at[place] = Math.floor(now / 1_000);
    this.#ms[place] = ms;
  }

  read(now: number): PastLatencies {
    const [at, ms]: [number[], number[]] = [[], []];
    for (const [second, latency] of this.#recent(now)) {
      at.push(1_000 * second);
      ms.push(latency);
    }
    return { at, ms };
  }

  /** Of each minute, the oldest first; null: nothing was measured in the last hour. */
  medians(now: number): readonly (number | null)[] | null {
    const thisMinute = Math.floor(now / 60_000);
    const minutes: (number[] | null)[] = new Array(MINUTES).fill(null);
    let isEmpty = true;
    for (const [second, latency] of this.#recent(now)) {
      const index = MINUTES - 1 - (thisMinute - Math.floor(second / 60));
      if (index < 0 || index >= MINUTES) continue;
      isEmpty = false;
      (minutes[index] ??= []).push(latency);
    }
    return isEmpty ? null : minutes.map((latencies) => latencies && median(latencies));
  }

  *#recent(now: number): Generator<readonly [second: number, ms: number]> {
    const oldest = now / 1_000 - KEPT_SECONDS;
    for (let index = Math.max(0, this.#count - MAX_LATENCIES); index < this.#count; index++) {
      const place = index % MAX_LATENCIES;
      const second = this.#at[place] ?? 0;
      if (second >= oldest) yield [second, this.#ms[place] ?? 0];
    }
  }
}

/** The lower one of the two in the middle of an even number; NaN: there is none. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
}
