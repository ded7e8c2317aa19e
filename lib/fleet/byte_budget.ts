import { type Claimant, reserveOf, shareOf } from "./claimant.ts";

/** Bytes of answers that all calls together may hold. */
export interface ByteBudget {
  /** A call's part, given back by `using`. */
  readonly lease: (claimant: Claimant) => ByteLease;
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
  const takenBy = new Map<string, number>();
  let taken = 0;

  function hasRoom({ name, isOperator }: Claimant, bytes: number): boolean {
    if (isOperator) return taken + bytes <= maxBytes;
    return taken + bytes <= maxBytes - reserveOf(maxBytes) &&
      (takenBy.get(name) ?? 0) + bytes <= shareOf(maxBytes);
  }

  function change({ name, isOperator }: Claimant, bytes: number): void {
    taken += bytes;
    if (isOperator) return;
    const own = (takenBy.get(name) ?? 0) + bytes;
    if (own === 0) takenBy.delete(name);
    else takenBy.set(name, own);
  }

  return {
    lease: (claimant) => {
      let held = 0;
      return {
        take: (bytes) => {
          if (!hasRoom(claimant, bytes)) return false;
          change(claimant, bytes);
          held += bytes;
          return true;
        },
        [Symbol.dispose]: () => {
          change(claimant, -held);
          held = 0;
        },
      };
    },
  };
}
