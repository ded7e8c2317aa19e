import type { BenchOptions } from "./options.ts";
import type { Table } from "./table.ts";

/** What a section is given. */
export interface Bench {
  readonly options: BenchOptions;
  /** The checkout, with a final slash. */
  readonly root: string;
  /** Private directory that is removed at the end. */
  readonly directory: string;
  /** Aborted by Ctrl-C, and when the whole run takes too long. */
  readonly signal: AbortSignal;
}

/** One topic: what is compared, and how. */
export interface Section {
  /** For `--only`. */
  readonly name: string;
  readonly run: (bench: Bench) => Promise<readonly Table[]>;
}

/** Takes samples of all rows in turns, so that a slow minute of the machine hits each alike. */
export async function inTurns<Row, Sample>(
  { options, signal }: Bench,
  rows: readonly Row[],
  sample: (row: Row) => Promise<Sample>,
): Promise<Map<Row, Sample[]>> {
  const samples = new Map(rows.map((row): [Row, Sample[]] => [row, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const [row, taken] of samples) {
      signal.throwIfAborted();
      taken.push(await sample(row));
    }
  }
  return samples;
}

/** How long some work takes, in milliseconds. */
export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Waits, unless the run ends before: then it throws. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
