import type { Clock } from "../../base/time/clock.ts";
import { Allowance } from "./allowance.ts";
import { addressOf, type AddressSource } from "./attempt_source.ts";

/** Wrong tokens of one address, and of all addresses together. */
export const OF_ONE = { burst: 10, refillMs: 30_000 };
const OF_ALL = { burst: 100, refillMs: 3_000 };
const MAX_ADDRESSES = 1_000;

/** How many wrong tokens may still be tried from an address, of a bounded number of them. */
export class AddressAllowances {
  readonly #now: Clock["now"];
  readonly #ofAll: Allowance;
  /** Of those from where a wrong token was tried. */
  readonly #byAddress = new Map<string, Allowance>();

  constructor(now: Clock["now"]) {
    this.#now = now;
    this.#ofAll = new Allowance(OF_ALL, now);
  }

  /** How long to wait until one may be; 0: not at all. */
  waitMs(source: AddressSource): number {
    const own = this.#byAddress.get(addressOf(source));
    return Math.max(this.#ofAll.waitMs(), own?.waitMs() ?? 0);
  }

  /** One was. */
  spend(source: AddressSource): void {
    const address = addressOf(source);
    this.#ofAll.spend();
    (this.#byAddress.get(address) ?? this.#add(address)).spend();
  }

  #add(address: string): Allowance {
    const [first] = this.#byAddress.keys();
    if (this.#byAddress.size >= MAX_ADDRESSES && first !== undefined) {
      this.#byAddress.delete(first);
    }
    const allowance = new Allowance(OF_ONE, this.#now);
    this.#byAddress.set(address, allowance);
    return allowance;
  }
}
