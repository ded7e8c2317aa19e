import type { Clocks } from "../../lib/fleet/health.ts";

/** Both clocks of a program, standing still until they are moved. */
export interface FakeClocks extends Clocks {
  /** Lets time pass on both. */
  readonly advance: (ms: number) => void;
  /** Sets the wall clock, as an administrator may. */
  readonly setWall: (ms: number) => void;
}

/** Clocks at some moment. */
export function createFakeClocks(): FakeClocks {
  let monotonic = 5_000;
  let wall = 1_700_000_000_000;
  return {
    monotonic: () => monotonic,
    wall: () => wall,
    advance: (ms) => {
      monotonic += ms;
      wall += ms;
    },
    setWall: (ms) => wall = ms,
  };
}
