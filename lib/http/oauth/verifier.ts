import { letOthersRun } from "../../base/bursts.ts";
import { getOrAdd } from "../../base/get_or_add.ts";
import type { Clock } from "../../base/time/clock.ts";
import type { Issuer, OauthSettings } from "../../config/oauth.ts";
import { AddressAllowances } from "../visitors/address_allowances.ts";
import type { AddressSource } from "../visitors/attempt_source.ts";
import { CheckedTokens } from "./checked_tokens.ts";
import {
  createIssuerKeys,
  type IssuerKeys,
  type IssuerKeysOptions,
  type Keys,
} from "./issuer_keys.ts";
import { Lane } from "./lane.ts";
import {
  type Claims,
  createVerify,
  findHeaderFault,
  findIssuer,
  SKEW_S,
  type Verified,
} from "./verify.ts";

/** Tokens that may wait for keys. */
const MAX_WAITING = 64;
/** Before each check from where there were too many wrong signatures: some percent of the time. */
const SLOW_MS = 50;

/** What a token came to. Texts are whole sentences without period, for its sender. */
export type TokenVerdict =
  | { readonly kind: "valid"; readonly claims: Claims }
  /** `isGuess`: nothing shows that an issuer made it. */
  | { readonly kind: "refused"; readonly reason: string; readonly isGuess: boolean }
  /** It could not be checked. */
  | { readonly kind: "unavailable" }
  /** Too many are being checked. */
  | { readonly kind: "busy" };

/** Checks access tokens. */
export interface TokenVerifier {
  /** A promise where a signature must be checked, or keys be fetched. */
  readonly verify: (
    token: string,
    settings: OauthSettings,
    source: AddressSource,
  ) => TokenVerdict | Promise<TokenVerdict>;
  /** Resolves when nothing is being fetched any more. */
  readonly settled: () => Promise<void>;
}

/** Options of `createTokenVerifier()`. */
export interface TokenVerifierOptions extends IssuerKeysOptions {
  readonly clock: Pick<Clock, "now" | "wall" | "after">;
}

/**
 * Makes a `TokenVerifier`. A check of a signature keeps the program busy for up to some milliseconds. So
 * what was found out is remembered, and after some wrong signatures from an address the others from
 * there are checked slowly. A right one is late then, and refused where too many wait; one that was
 * right before is neither.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const checker = new TokenChecker(options);
  return {
    verify: function verifyToken(text, settings, source) {
      return checker.verify(text, settings, source);
    },
    settled: () => checker.settled(),
  };
}

class TokenChecker {
  readonly #options: TokenVerifierOptions;
  readonly #verify = createVerify();
  readonly #checked = new CheckedTokens();
  readonly #allowances: AddressAllowances;
  readonly #keysByIssuer = new Map<string, IssuerKeys>();
  readonly #fast = new Lane(letOthersRun);
  readonly #slow: Lane;
  #waiting = 0;

  constructor(options: TokenVerifierOptions) {
    const { clock } = this.#options = options;
    this.#allowances = new AddressAllowances(clock.now);
    this.#slow = new Lane(() => new Promise((resolve) => clock.after(SLOW_MS, () => resolve())));
  }

  verify(
    text: string,
    settings: OauthSettings,
    source: AddressSource,
  ): TokenVerdict | Promise<TokenVerdict> {
    const issuer = findIssuer(text, settings.issuers);
    if (issuer === null) return OTHER_ISSUER;
    const keys = this.#keysOf(issuer).current();
    const known = keys && this.#checked.find(text, { keys, settings });
    if (known !== null) return this.#judge(known);
    return this.#checkWithNewestKeys({ text, settings, issuer, source });
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#keysByIssuer.values()].map((keys) => keys.settled()));
  }

  async #checkWithNewestKeys(token: Token): Promise<TokenVerdict> {
    const known = this.#keysOf(token.issuer).current() ?? await this.#waitForKeys(token.issuer);
    if (known === null) return { kind: "unavailable" };
    if ("kind" in known) return known;
    const first = await this.#checkInTurn(token, known);
    if (first.kind !== "unknown_key") return this.#judge(first);
    const newer = await this.#waitForKeys(token.issuer);
    if (newer === null || newer === known) return this.#judge(first);
    return "kind" in newer ? newer : this.#judge(await this.#checkInTurn(token, newer));
  }

  #keysOf(issuer: Issuer): IssuerKeys {
    const id = JSON.stringify([issuer.url, issuer.jwksUrl]);
    return getOrAdd(this.#keysByIssuer, id, () => createIssuerKeys(issuer, this.#options));
  }

  async #waitForKeys(issuer: Issuer): Promise<Keys | null | Busy> {
    if (this.#waiting >= MAX_WAITING) return BUSY;
    this.#waiting++;
    try {
      return await this.#keysOf(issuer).fetched();
    } finally {
      this.#waiting--;
    }
  }

  /** A turn of the event loop before each, or a longer pause for those whose neighbours were wrong. */
  async #checkInTurn(token: Token, keys: Keys): Promise<Verified | Busy> {
    // Whoever makes up keys takes nobody's turn.
    const fault = findHeaderFault(token.text, keys);
    if (fault !== null) return fault;
    const lane = this.#allowances.waitMs(token.source) === 0 ? this.#fast : this.#slow;
    return await (lane.run(() => this.#check(token, keys)) ?? BUSY);
  }

  async #check(token: Token, keys: Keys): Promise<Verified> {
    const { text, settings, issuer, source } = token;
    const wall = this.#options.clock.wall();
    const verified = await this.#verify(text, { issuer, keys, settings, wall });
    if (verified.kind === "unknown_key") return verified;
    const next = verified.kind === "valid" ? "remember" : verified.next;
    if (next === "remember") this.#checked.add(text, { keys, settings, verified });
    if (next === "count") this.#allowances.spend(source);
    return verified;
  }

  #judge(verified: Verified | Busy): TokenVerdict {
    switch (verified.kind) {
      case "valid":
        return this.#isOver(verified.claims) ? EXPIRED : verified;
      case "unknown_key":
        return UNKNOWN_KEY;
      case "refused":
        return { kind: "refused", reason: verified.reason, isGuess: verified.next !== "remember" };
      case "busy":
        return verified;
    }
  }

  #isOver({ expiresAt }: Claims): boolean {
    return this.#options.clock.wall() / 1000 >= expiresAt + SKEW_S;
  }
}

/** A token that is to be checked. */
interface Token {
  readonly text: string;
  readonly settings: OauthSettings;
  readonly issuer: Issuer;
  readonly source: AddressSource;
}

type Busy = Extract<TokenVerdict, { kind: "busy" }>;

const BUSY = { kind: "busy" } as const;
const OTHER_ISSUER = {
  kind: "refused",
  reason: "The token is from no issuer that is accepted here",
  isGuess: true,
} as const;
const UNKNOWN_KEY = {
  kind: "refused",
  reason: "The token is signed with a key that its issuer does not have",
  isGuess: true,
} as const;
const EXPIRED = { kind: "refused", reason: "The token has expired", isGuess: false } as const;
