/** A summary of the samples of a row. */
export interface Measure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Summarizes at least one sample. */
export function measure(samples: readonly number[]): Measure {
  const sorted = Float64Array.from(samples).sort();
  return {
    median: percentile(sorted, 50),
    min: percentile(sorted, 0),
    max: percentile(sorted, 100),
  };
}

/** The quotients of samples that were taken side by side. */
export function measureRatio(above: readonly number[], below: readonly number[]): Measure {
  return measure(above.map((value, round) => value / (below[round] ?? NaN)));
}

/** A percentile of sorted values, interpolated; NaN if there are none. */
export function percentile(sorted: Float64Array, percent: number): number {
  const at = (sorted.length - 1) * percent / 100;
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}
