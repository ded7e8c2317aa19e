import { type Claimant, reserveOf, shareOf } from "./claimant.ts";

/** An amount of something, such as bytes or places, of which each claimant may have a share. */
export interface Budget {
  /** A part that grows as it is needed, and is given back as a whole. */
  readonly lease: (claimant: Claimant) => Lease;
}

/** What one call, or one request, has of a budget. */
export interface Lease extends Disposable {
  /** Takes some more; false: there is not so much, and nothing was taken. */
  readonly take: (amount: number) => boolean;
}

/** Makes a `Budget` of an amount that may change; what was taken stays taken. */
export function createBudget(total: () => number): Budget {
  const takenBy = new Map<string, number>();
  let taken = 0;

  function hasRoom({ name, isOperator }: Claimant, amount: number): boolean {
    const most = total();
    if (isOperator) return taken + amount <= most;
    return taken + amount <= most - reserveOf(most) &&
      (takenBy.get(name) ?? 0) + amount <= shareOf(most);
  }

  function change({ name, isOperator }: Claimant, amount: number): void {
    taken += amount;
    if (isOperator) return;
    const own = (takenBy.get(name) ?? 0) + amount;
    if (own === 0) takenBy.delete(name);
    else takenBy.set(name, own);
  }

  return {
    lease: (claimant) => {
      let held = 0;
      return {
        take: (amount) => {
          if (!hasRoom(claimant, amount)) return false;
          change(claimant, amount);
          held += amount;
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
