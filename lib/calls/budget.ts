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
  /**
   * The same, but waits until others have given back enough. False: `signal` was aborted before, the
   * lease has ended, or there will never be so much.
   */
  readonly wait: (amount: number, signal: AbortSignal) => Promise<boolean>;
  /** Gives back some of what was taken. */
  readonly giveBack: (amount: number) => void;
  /** How much it has. */
  readonly held: number;
  /** How much its claimant can have while nobody else has any. */
  readonly most: number;
}

/** Makes a `Budget` of an amount that may change; what was taken stays taken. */
export function createBudget(total: () => number): Budget {
  const shared = new SharedAmount(total);
  return { lease: (claimant) => new HeldPart(shared, claimant) };
}

/** A lease that waits until it can take some. */
interface Waiter {
  readonly claimant: Claimant;
  readonly amount: number;
  readonly onTurn: () => void;
}

/** How much is taken, in all and by each claimant that is no operator. */
class SharedAmount {
  readonly #total: () => number;
  readonly #takenBy = new Map<string, number>();
  #taken = 0;
  #waiters: readonly Waiter[] = [];

  constructor(total: () => number) {
    this.#total = total;
  }

  mostFor({ isOperator }: Claimant): number {
    const total = this.#total();
    return isOperator ? total : Math.min(total - reserveOf(total), shareOf(total));
  }

  take(claimant: Claimant, amount: number): boolean {
    const total = this.#total();
    const isThere = claimant.isOperator
      ? this.#taken + amount <= total
      : this.#taken + amount <= total - reserveOf(total) &&
        (this.#takenBy.get(claimant.name) ?? 0) + amount <= shareOf(total);
    if (isThere) this.#change(claimant, amount);
    return isThere;
  }

  giveBack(claimant: Claimant, amount: number): void {
    this.#change(claimant, -amount);
    for (const waiter of this.#waiters) {
      if (this.take(waiter.claimant, waiter.amount)) waiter.onTurn();
    }
  }

  wait(claimant: Claimant, amount: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || amount > this.mostFor(claimant)) return Promise.resolve(false);
    if (this.take(claimant, amount)) return Promise.resolve(true);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const settle = (isTaken: boolean) => {
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
      signal.removeEventListener("abort", onAbort);
      resolve(isTaken);
    };
    const onAbort = () => settle(false);
    const waiter = { claimant, amount, onTurn: () => settle(true) };
    signal.addEventListener("abort", onAbort);
    this.#waiters = [...this.#waiters, waiter];
    return promise;
  }

  #change({ name, isOperator }: Claimant, amount: number): void {
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

  get held(): number {
    return this.#held;
  }

  get most(): number {
    return this.#shared.mostFor(this.#claimant);
  }

  take(amount: number): boolean {
    // What is taken after the end would never be given back.
    if (this.#hasEnded || !this.#shared.take(this.#claimant, amount)) return false;
    this.#held += amount;
    return true;
  }

  async wait(amount: number, signal: AbortSignal): Promise<boolean> {
    if (this.#hasEnded || !await this.#shared.wait(this.#claimant, amount, signal)) return false;
    if (this.#hasEnded) {
      this.#shared.giveBack(this.#claimant, amount);
      return false;
    }
    this.#held += amount;
    return true;
  }

  giveBack(amount: number): void {
    const given = Math.min(amount, this.#held);
    this.#held -= given;
    this.#shared.giveBack(this.#claimant, given);
  }

  [Symbol.dispose](): void {
    this.#hasEnded = true;
    this.giveBack(this.#held);
  }
}
