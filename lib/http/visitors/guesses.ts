import type { Clock } from "../../base/time/clock.ts";
import { completionOf } from "../completion.ts";
import type { RequestInfo } from "../handler.ts";
import { AddressAllowances } from "./address_allowances.ts";
import { addressSourceOf } from "./attempt_source.ts";

/** How long the answer to a wrong token is held back, and how many may be at once. */
const HOLD_MS = 2_000;
const MAX_HELD = 1_024;

/** Slows down whoever guesses tokens. */
export interface Guesses extends Disposable {
  /** Notes a wrong token; resolves when its request may be answered. Null: at once. */
  readonly hold: (request: Request, info: RequestInfo) => Promise<void> | null;
  /** Lets all go that are held. */
  readonly [Symbol.dispose]: () => void;
}

/**
 * Makes `Guesses`. After some wrong tokens from an address, or from all together, the answers to
 * further ones come late. A right token is looked at first, and never late, wherever it comes from:
 * so nobody is locked out by a neighbour behind the same proxy, and nothing can slow down somebody
 * who guesses on more connections than are held. What is beyond them is answered at once.
 */
export function createGuesses(clock: Pick<Clock, "now" | "after">): Guesses {
  const allowances = new AddressAllowances(clock.now);
  const held = new Set<() => void>();
  let isOver = false;

  function holdUntil({ completed }: { readonly completed: Promise<unknown> }): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const letGo = () => {
      cancel();
      held.delete(letGo);
      resolve();
    };
    const cancel = clock.after(HOLD_MS, letGo);
    held.add(letGo);
    completed.then(letGo, letGo);
    return promise;
  }

  return {
    hold: function holdGuess(request, info) {
      const source = addressSourceOf(request, info);
      const mayPass = allowances.waitMs(source) === 0;
      allowances.spend(source);
      if (mayPass || isOver || held.size >= MAX_HELD) return null;
      return holdUntil({ completed: completionOf(info) });
    },
    [Symbol.dispose]: () => {
      isOver = true;
      for (const letGo of [...held]) letGo();
    },
  };
}
