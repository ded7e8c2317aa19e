import { createHash, timingSafeEqual } from "node:crypto";
import type { Secret } from "../secret.ts";

/** A token that callers may present, and what to call those who do. */
export interface NamedToken {
  readonly name: string;
  readonly token: Secret;
}

/** Who calls. */
export interface Principal {
  readonly name: string;
}

/** Tells who sends a request; null: nobody known, to be answered with 401. */
export type Authenticator = (request: Request) => Principal | null;

/** Everyone, where no token is asked for. */
const ANONYMOUS: Principal = { name: "anonymous" };

/**
 * Checks `Authorization: Bearer TOKEN` (RFC 6750, section 2.1; the scheme in any case, RFC 9110,
 * section 11.1). Digests of equal length are compared, all of them and each in constant time, so
 * that the time taken tells nothing of a token. Without tokens everyone is `anonymous`.
 */
export function createAuthenticator(tokens: readonly NamedToken[]): Authenticator {
  const known = tokens.map(({ name, token }) => ({ name, digest: sha256(token.reveal()) }));
  if (known.length === 0) return () => ANONYMOUS;

  return (request) => {
    const header = request.headers.get("authorization") ?? "";
    const token = /^Bearer +([!-~]+)$/i.exec(header)?.[1];
    if (token === undefined) return null;
    const digest = sha256(token);
    const [match] = known.filter((candidate) => timingSafeEqual(candidate.digest, digest));
    return match === undefined ? null : { name: match.name };
  };
}

/** The one inbound token of a program's settings, as the principal `default`; null: none. */
export function defaultToken(token: Secret | null): readonly NamedToken[] {
  return token === null ? [] : [{ name: "default", token }];
}

function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
