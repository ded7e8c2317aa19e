/** Pseudorandom numbers, the same for the same seed. */
export interface Random {
  /** From 0 to just below 1. */
  readonly next: () => number;
  /** An item of a list that is not empty. */
  readonly pick: <T>(list: readonly T[]) => T;
}

/** A generator from a 32-bit seed: https://github.com/cprosche/mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    pick: (list) => {
      const [item] = list.slice(Math.floor(next() * list.length));
      if (item === undefined) throw new RangeError("Cannot pick from an empty list");
      return item;
    },
  };
}
