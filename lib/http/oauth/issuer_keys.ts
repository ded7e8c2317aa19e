import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time/clock.ts";
import type { Issuer } from "../../config/oauth.ts";
import { fetchKeys, type KeySet } from "./fetch_keys.ts";
import type { FetchJson } from "./fetch_json.ts";

/** Older keys are fetched again, while they are still in use. */
const FRESH_MS = 10 * 60_000;
/** For how long keys are used at most that cannot be fetched again. */
const STALE_MS = 60 * 60_000;
/** Between two attempts to fetch them, where there are some; and where there are none. */
const COOLDOWN_MS = 30_000;
const RETRY_MS = 5_000;
/** For an attempt as a whole: metadata and keys. */
const DEADLINE_MS = 5_000;

/** The keys of an issuer at a time. */
export interface Keys {
  readonly jwks: KeySet;
}

/** The keys of an issuer, fetched when they are needed. */
export interface IssuerKeys {
  /** Those that are in use; null: they must be fetched first. Old ones begin to be fetched again. */
  readonly current: () => Keys | null;
  /** The same after an attempt to fetch them, if it is time for one; null: there are none. */
  readonly fetched: () => Promise<Keys | null>;
  /** Resolves when nothing is being fetched. */
  readonly settled: () => Promise<void>;
}

/** Options of `createIssuerKeys()`. */
export interface IssuerKeysOptions {
  readonly fetchJson: FetchJson;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly log: Pick<Logger, "warn" | "info">;
}

/** Makes `IssuerKeys`. One attempt is made at a time, however many wait for it. */
export function createIssuerKeys(issuer: Issuer, options: IssuerKeysOptions): IssuerKeys {
  const keys = new FetchedKeySet(issuer, options);
  return {
    current: () => keys.current(),
    fetched: () => keys.fetched(),
    settled: () => keys.settled(),
  };
}

class FetchedKeySet {
  readonly #issuer: Issuer;
  readonly #options: IssuerKeysOptions;
  #keys: Keys | null = null;
  #fetchedAt = -Infinity;
  #attemptedAt = -Infinity;
  #attempt: Promise<void> | null = null;
  /** The last one, which is logged once. */
  #failure: string | null = null;

  constructor(issuer: Issuer, options: IssuerKeysOptions) {
    this.#issuer = issuer;
    this.#options = options;
  }

  current(): Keys | null {
    const { clock, log } = this.#options;
    if (!this.#isUsable()) return null;
    if (clock.now() - this.#fetchedAt >= FRESH_MS && this.#isTimeToTry()) {
      this.#begin().catch((error) => log.warn("fetching keys failed", { error }));
    }
    return this.#keys;
  }

  async fetched(): Promise<Keys | null> {
    if (this.#attempt !== null || this.#isTimeToTry()) await this.#begin();
    return this.#isUsable() ? this.#keys : null;
  }

  async settled(): Promise<void> {
    await this.#attempt;
  }

  #begin(): Promise<void> {
    return this.#attempt ??= this.#fetchAgain().finally(() => this.#attempt = null);
  }

  async #fetchAgain(): Promise<void> {
    const { fetchJson, clock } = this.#options;
    this.#attemptedAt = clock.now();
    const deadline = new AbortController();
    const cancel = clock.after(DEADLINE_MS, () => deadline.abort());
    const result = await fetchKeys(this.#issuer, (url) => fetchJson(url, deadline.signal));
    cancel();
    if (result.kind === "failed") return this.#fail(result.reason);
    this.#replace(result.jwks);
  }

  #fail(reason: string): void {
    if (reason !== this.#failure) {
      const facts = { issuer: this.#issuer.url, reason };
      this.#options.log.warn("cannot fetch the keys of an issuer", facts);
    }
    this.#failure = reason;
  }

  #replace(jwks: KeySet): void {
    const { clock, log } = this.#options;
    const { url: issuer } = this.#issuer;
    if (this.#failure !== null) log.info("the keys of an issuer are fetched again", { issuer });
    this.#failure = null;
    this.#fetchedAt = clock.now();
    // The same object as long as they are the same: what was checked with them stays checked.
    if (JSON.stringify(this.#keys?.jwks) === JSON.stringify(jwks)) return;
    this.#keys = { jwks };
    if (jwks.keys.length === 0) {
      log.warn("an issuer has no public key for signatures", { issuer });
    }
  }

  #isUsable(): boolean {
    return this.#options.clock.now() - this.#fetchedAt < STALE_MS;
  }

  #isTimeToTry(): boolean {
    const pauseMs = this.#isUsable() ? COOLDOWN_MS : RETRY_MS;
    return this.#options.clock.now() - this.#attemptedAt >= pauseMs;
  }
}
