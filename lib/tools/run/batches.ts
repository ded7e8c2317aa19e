/** How many of all hosts a batch has: a number, or a percentage. */
export interface BatchSize {
  readonly amount: number;
  readonly isPercent: boolean;
}

/** Sizes in one text. */
const MAX_SIZES = 20;

/** Reads sizes such as `1,10%,100%`; null: they cannot be read. */
export function parseBatchSizes(text: string): readonly BatchSize[] | null {
  const sizes = text.split(",").map(parseSize);
  const parsed = sizes.filter((size) => size !== null);
  return parsed.length < sizes.length || sizes.length > MAX_SIZES ? null : parsed;
}

function parseSize(text: string): BatchSize | null {
  const [, digits = "", percent] = /^\s*(\d{1,5})\s*(%?)\s*$/.exec(text) ?? [];
  const [amount, isPercent] = [Number(digits), percent === "%"];
  return amount === 0 || isPercent && amount > 100 ? null : { amount, isPercent };
}

/** Splits items into batches of these sizes, each of at least one; the last size counts until the end. */
export function splitIntoBatches<T>(
  items: readonly T[],
  sizes: readonly BatchSize[],
): readonly (readonly T[])[] {
  const batches: (readonly T[])[] = [];
  for (let start = 0; start < items.length;) {
    const size = sizes[Math.min(batches.length, sizes.length - 1)];
    const end = start + (size === undefined ? items.length : countOf(size, items.length));
    batches.push(items.slice(start, end));
    start = end;
  }
  return batches;
}

function countOf({ amount, isPercent }: BatchSize, all: number): number {
  return isPercent ? Math.max(1, Math.floor(all * amount / 100)) : amount;
}
