import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWK,
  type JWTPayload,
  jwtVerify,
  type ProtectedHeaderParameters,
} from "jose";
import type { Issuer, OauthSettings } from "../../config/oauth.ts";
import type { KeySet } from "./fetch_keys.ts";
import type { Keys } from "./issuer_keys.ts";

/** RFC 7518, section 3.1 and RFC 8037 without those of which both sides have the key. */
const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];
/** What `typ` may be: RFC 9068, section 2.1, and what older issuers write. */
const TYPES = new Set(["at+jwt", "application/at+jwt", "jwt"]);
/** By how much the clocks of hub and issuer may differ. */
export const SKEW_S = 10;

/** What a token says of whoever has it. */
export interface Claims {
  /** Seconds since 1970; it may be over. */
  readonly expiresAt: number;
  /** The value of the claim that is to name a client. */
  readonly name: unknown;
  readonly scopes: ReadonlySet<string>;
}

/** What checking a token came to. */
export type Verified =
  | { readonly kind: "valid"; readonly claims: Claims }
  | { readonly kind: "refused"; readonly reason: string; readonly next: Next }
  /** Other keys may know it. */
  | { readonly kind: "unknown_key" };

/**
 * What follows from a refusal: one with a right signature that will never be valid is remembered, one
 * that cost a check of its signature counts as an attempt.
 */
export type Next = "remember" | "count" | "nothing";

/** Finds the issuer that a token names, which proves nothing yet; null: none of those. */
export function findIssuer(token: string, issuers: readonly Issuer[]): Issuer | null {
  try {
    const { iss } = decodeJwt(token);
    return issuers.find(({ url }) => url === iss) ?? null;
  } catch {
    return null;
  }
}

/** What is wrong with a token by its header, which costs no check of a signature; null: nothing. */
export function findHeaderFault(token: string, { jwks }: Keys): Verified | null {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    if (typeof alg === "string" && !ALGORITHMS.includes(alg)) return OTHER_ALGORITHM;
    const isKnown = typeof kid !== "string" || jwks.keys.some((key) => key.kid === kid);
    return isKnown ? null : { kind: "unknown_key" };
  } catch {
    return null;
  }
}

const OTHER_ALGORITHM = {
  kind: "refused",
  reason: "The token is signed with an algorithm that is not accepted",
  next: "nothing",
} as const;

/** What a token is checked against. */
export interface VerifyOptions {
  readonly issuer: Issuer;
  readonly keys: Keys;
  readonly settings: Pick<OauthSettings, "audience" | "claim">;
  /** Milliseconds since 1970. */
  readonly wall: number;
}

/** Makes what checks signature and claims of a token. It reads each set of keys once. Never rejects. */
export function createVerify(): (token: string, options: VerifyOptions) => Promise<Verified> {
  const sets = new WeakMap<Keys, ReturnType<typeof createLocalJWKSet>>();

  function finderOf(keys: Keys): ReturnType<typeof createLocalJWKSet> {
    const known = sets.get(keys);
    if (known !== undefined) return known;
    const set = createLocalJWKSet({ keys: keys.jwks.keys.map(definedOf) });
    sets.set(keys, set);
    return set;
  }

  return async function verify(token, { issuer, keys, settings, wall }) {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, finderOf(keys), {
        algorithms: ALGORITHMS,
        issuer: issuer.url,
        audience: spellingsOf(settings.audience),
        requiredClaims: ["exp"],
        clockTolerance: SKEW_S,
        currentDate: new Date(wall),
      });
      return judge(protectedHeader, payload, settings);
    } catch (error) {
      if (!(error instanceof errors.JWTExpired)) return explain(error);
      // Nothing else is wrong with it: whether it is over is asked at each use, as clocks are set.
      return judge(decodeProtectedHeader(token), error.payload, settings);
    }
  };
}

function judge(
  header: Pick<ProtectedHeaderParameters, "typ">,
  payload: JWTPayload,
  { claim }: VerifyOptions["settings"],
): Verified {
  const fault = findFault(header, payload);
  return fault === null
    ? { kind: "valid", claims: readClaims(payload, claim) }
    : { kind: "refused", reason: `The token ${fault}`, next: "remember" };
}

/** What jose does not look at. */
function findFault(
  { typ = "jwt" }: Pick<ProtectedHeaderParameters, "typ">,
  { cnf }: JWTPayload,
): string | null {
  if (!TYPES.has(typ.toLowerCase())) return "is not an access token";
  // RFC 7800: it is of no use to whoever has stolen it, unless it is accepted without that key.
  return cnf === undefined ? null : "is bound to a key, and this hub cannot see who has that";
}

/** A copy without what is undefined. */
function definedOf(key: KeySet["keys"][number]): JWK {
  return Object.fromEntries(Object.entries(key).filter(([, value]) => value !== undefined));
}

/** Clients ask for what `URL` makes of it, and for an empty path with or without `/`. */
function spellingsOf(audience: string): string[] {
  const { origin, href } = new URL(audience);
  return [audience, href, ...(href === `${origin}/` ? [origin] : [])];
}

function readClaims(payload: JWTPayload, claim: string): Claims {
  const { exp = 0, scope, scp } = payload;
  const granted = [scope, scp].flatMap((value) =>
    typeof value === "string" ? value.split(" ") : value
  );
  return {
    expiresAt: exp,
    name: Object.hasOwn(payload, claim) ? payload[claim] : undefined,
    scopes: new Set(granted.filter((name) => typeof name === "string")),
  };
}

/** Jose's own texts quote nothing of a token, but its errors hold the claims. */
function explain(error: unknown): Verified {
  if (error instanceof errors.JWKSNoMatchingKey) return { kind: "unknown_key" };
  const refuse = (reason: string, next: Next): Verified => (
    { kind: "refused", reason: `The token ${reason}`, next }
  );
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "nbf") return refuse("is not valid yet", "count");
    if (error.claim === "aud") {
      return refuse("is not for this hub: its audience is another one", "remember");
    }
    return refuse(`has a claim that is missing or wrong: ${error.claim}`, "remember");
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return OTHER_ALGORITHM;
  if (error instanceof errors.JWKSMultipleMatchingKeys) {
    return refuse("does not say with which key of its issuer it is signed", "count");
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return refuse("has a wrong signature", "count");
  }
  return refuse("cannot be checked", "count");
}
