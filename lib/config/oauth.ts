/** Where access tokens (JWTs) of clients come from, and what they must say; null elsewhere: nowhere. */
export interface OauthSettings {
  readonly issuers: readonly Issuer[];
  /** The URL of this hub's MCP endpoint, as clients know it: what tokens must be meant for. */
  readonly audience: string;
  /** The claim that holds the name of a `[clients.NAME]`. */
  readonly claim: string;
  /** All that a token must be granted. */
  readonly scopes: readonly string[];
}

/** An authorization server. */
export interface Issuer {
  /** What its tokens have as `iss`, and where its metadata is found (RFC 8414). */
  readonly url: string;
  /** Where its keys are; null: its metadata says so. */
  readonly jwksUrl: string | null;
}

/**
 * What two versions of the settings both accept; null: nothing. `isStated`: whether the newer version
 * has such settings, which have an error if `newer` is null, and so take nothing away.
 */
export function intersectOauth(
  older: OauthSettings | null,
  { newer, isStated }: { readonly newer: OauthSettings | null; readonly isStated: boolean },
): OauthSettings | null {
  if (older === null || newer === null) return isStated ? older : null;
  const isSame = termsOf(older) === termsOf(newer);
  const issuers = older.issuers.filter((issuer) =>
    newer.issuers.some(({ url, jwksUrl }) => url === issuer.url && jwksUrl === issuer.jwksUrl)
  );
  return isSame && issuers.length > 0 ? { ...older, issuers } : null;
}

/** All but the issuers. */
function termsOf({ audience, claim, scopes }: OauthSettings): string {
  return JSON.stringify([audience, claim, [...scopes].sort()]);
}
