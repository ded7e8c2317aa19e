/** Bytes of answers that all calls together may hold. */
export interface ByteBudget {
  /** A call's share, given back by `using`. */
  readonly lease: () => ByteLease;
}

/** What one call holds of a budget. */
export interface ByteLease extends Disposable {
  /** Takes room for more bytes; false: there is none, and nothing was taken. */
  readonly take: (bytes: number) => boolean;
}

/** What to say when there is no room. */
export const NO_ROOM = "too many large answers are being read at once, try again later";

/** Makes a `ByteBudget`. */
export function createByteBudget(maxBytes: number): ByteBudget {
  let taken = 0;
  return {
    lease: () => {
      let held = 0;
      return {
        take: (bytes) => {
          if (taken + bytes > maxBytes) return false;
          taken += bytes;
          held += bytes;
          return true;
        },
        [Symbol.dispose]: () => {
          taken -= held;
          held = 0;
        },
      };
    },
  };
}
