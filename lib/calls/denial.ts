/** A request that was refused since its caller is not known. */
export interface Denial {
  /** Whether it had a token, which then was a wrong one. */
  readonly hadToken: boolean;
  /** What was wrong with an OAuth token. */
  readonly reason?: string;
  /** The name that a valid OAuth token has for a client, where there is no such client. */
  readonly claimed?: string;
  /** The address it came from: a proxy's, where there is one. */
  readonly remote: string | null;
  /** Where it came from according to that proxy, or to the caller; null: neither says. */
  readonly forwardedFor: string | null;
  readonly path: string;
}
