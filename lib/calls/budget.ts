import { type Claimant, reserveOf, shareOf } from "./claimant.ts";

/** An amount of something, such as bytes or places, of which each claimant may have a share. */
export interface Budget {
  /** A part that grows as it is needed, and is given back as a whole. */
  readonly lease: (claimant: Claimant) => Lease;
}

/** What one call, or one request, has of a budget. */
export interface Lease extends Disposable {
  /** Takes some more; false: there is not so much, or the lease has ended, and nothing was taken. */
  readonly take: (amount: number) => boolean;
}

/** Makes a `Budget` of an amount that may change; what was taken stays taken. */
export function createBudget(total: () => number): Budget {
  const shared = new SharedAmount(total);
  return { lease: (claimant) => new HeldPart(shared, claimant) };
}

/** How much is taken, in all and by each claimant that is no operator. */
class SharedAmount {
  readonly #total: () => number;
  readonly #takenBy = new Map<string, number>();
  #taken = 0;

  constructor(total: () => number) {
    this.#total = total;
  }

  take(claimant: Claimant, amount: number): boolean {
    const total = this.#total();
    const isThere = claimant.isOperator
      ? this.#taken + amount <= total
      : this.#taken + amount <= total - reserveOf(total) &&
        (this.#takenBy.get(claimant.name) ?? 0) + amount <= shareOf(total);
    if (isThere) this.change(claimant, amount);
    return isThere;
  }

  change({ name, isOperator }: Claimant, amount: number): void {
    this.#taken += amount;
    if (isOperator) return;
    const own = (this.#takenBy.get(name) ?? 0) + amount;
    if (own === 0) this.#takenBy.delete(name);
    else this.#takenBy.set(name, own);
  }
}

/** A class, since every request has some: objects made of closures cost each of them more. */
class HeldPart implements Lease {
  readonly #shared: SharedAmount;
  readonly #claimant: Claimant;
  #held = 0;
  #hasEnded = false;

  constructor(shared: SharedAmount, claimant: Claimant) {
    this.#shared = shared;
    this.#claimant = claimant;
  }

  readonly take = (amount: number): boolean => {
    // What is taken after the end would never be given back.
    if (this.#hasEnded || !this.#shared.take(this.#claimant, amount)) return false;
    this.#held += amount;
    return true;
  };

  [Symbol.dispose](): void {
    this.#hasEnded = true;
    this.#shared.change(this.#claimant, -this.#held);
    this.#held = 0;
  }
}
