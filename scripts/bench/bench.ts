import type { BenchOptions } from "./options.ts";
import type { Table } from "./table.ts";

/** The run that a section belongs to. */
export interface Bench {
  readonly options: BenchOptions;
  /** The checkout, with a final slash. */
  readonly root: string;
  /** Private directory that is removed at the end. */
  readonly directory: string;
  /** Aborted by Ctrl-C, and when the run exceeds its time limit. */
  readonly signal: AbortSignal;
}

/** One topic: what is compared, and how. */
export interface Section {
  /** For `--only`. */
  readonly name: string;
  readonly run: (bench: Bench) => Promise<readonly Table[]>;
}

/** Samples all rows in turns, so that a slow minute of the machine affects all of them. */
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

/** Waits; throws if the run ends first. */
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
