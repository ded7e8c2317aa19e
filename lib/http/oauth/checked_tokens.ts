import { createHash } from "node:crypto";
import type { OauthSettings } from "../../config/oauth.ts";
import type { Keys } from "./issuer_keys.ts";
import type { Verified } from "./verify.ts";

/** Most tokens that are remembered. */
const MAX_TOKENS = 1_000;

/** What decides about a token, beside the time. */
export interface Grounds {
  readonly keys: Keys;
  readonly settings: OauthSettings;
}

interface Entry extends Grounds {
  readonly verified: Verified;
}

/**
 * What was found out about tokens with a right signature, so that a caller's next request costs no
 * signature check: that takes up to some milliseconds, during which the program does nothing else.
 * Tokens themselves are not kept.
 */
export class CheckedTokens {
  readonly #entries = new Map<string, Entry>();

  /** What was found out on the same grounds; null: nothing. */
  find(token: string, { keys, settings }: Grounds): Verified | null {
    const digest = digestOf(token);
    const entry = this.#entries.get(digest);
    if (entry === undefined) return null;
    this.#entries.delete(digest);
    if (entry.keys !== keys || entry.settings !== settings) return null;
    this.#entries.set(digest, entry);
    return entry.verified;
  }

  /** Remembers it, in place of the one that was not asked for for longest. */
  add(token: string, entry: Entry): void {
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= MAX_TOKENS && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(digestOf(token), entry);
  }
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
