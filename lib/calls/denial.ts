/** A request that was refused since its caller is not known. */
export interface Denial {
  /** Whether it had a token, which then was a wrong one. */
  readonly hadToken: boolean;
  /** The address it came from: a proxy's, where there is one. */
  readonly remote: string | null;
  /** What that proxy, or whoever calls, says of where it came from; null: nothing. */
  readonly forwardedFor: string | null;
  readonly path: string;
}
