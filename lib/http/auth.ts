import { timingSafeEqual } from "node:crypto";
import type { Secret } from "../base/secret.ts";

/** A token that callers may present, and what to call those who do. */
export interface NamedToken {
  readonly name: string;
  readonly token: Secret;
}

/** Who calls. */
export interface Principal {
  readonly name: string;
}

/** Who sends a request; null: it has no token, or a wrong one. */
export type Authenticator = (request: Pick<Request, "headers">) => Principal | null;

/** Who sends a message that takes a while to arrive. */
export interface Caller {
  readonly principal: Principal;
  /** Whether their token is still valid, as the same principal's. */
  readonly isStill: (
    request: Request,
    caller: Pick<Caller, "principal">,
  ) => boolean | Promise<boolean>;
}

/** Asks an `Authenticator` again. */
export function createIsStill(authenticate: Authenticator): Caller["isStill"] {
  return (request, { principal }) => authenticate(request)?.name === principal.name;
}

const encoder = new TextEncoder();

/** Everyone, where no token is asked for. */
const ANONYMOUS: Principal = { name: "anonymous" };

/**
 * Checks `Authorization: Bearer TOKEN` (RFC 6750, section 2.1; the scheme in any case, RFC 9110,
 * section 11.1). A token is compared with all known ones, each in constant time and padded to the
 * length of the longest, so that the time taken reveals nothing of a token. Without tokens everyone
 * is `anonymous`.
 */
export function createAuthenticator(tokens: readonly NamedToken[]): Authenticator {
  if (tokens.length === 0) return () => ANONYMOUS;
  const length = Math.max(...tokens.map(({ token }) => encoder.encode(token.reveal()).length));
  const known = tokens.map(({ name, token }) => ({
    principal: { name },
    bytes: writeToken(token.reveal(), new Uint8Array(length)),
  }));
  const presented = new Uint8Array(length);

  return function authenticate(request) {
    const header = request.headers.get("authorization") ?? "";
    const token = /^Bearer +([!-~]+)$/i.exec(header)?.[1];
    if (token === undefined) return null;
    writeToken(token, presented);
    const [match] = known.filter(({ bytes }) => timingSafeEqual(bytes, presented));
    return match !== undefined && token.length <= length ? match.principal : null;
  };
}

/** Those of them that have a token of their own. */
export function namedTokens(
  owners: Iterable<{ readonly name: string; readonly token: Secret | null }>,
): readonly NamedToken[] {
  return [...owners].flatMap(({ name, token }) => token === null ? [] : [{ name, token }]);
}

/** The one inbound token of a program's settings, as the principal `default`; null: none. */
export function defaultToken(token: Secret | null): readonly NamedToken[] {
  return token === null ? [] : [{ name: "default", token }];
}

/** No token holds a zero byte, so that padding makes no two of them equal. */
function writeToken(token: string, bytes: Uint8Array): Uint8Array {
  bytes.fill(0);
  encoder.encodeInto(token, bytes);
  return bytes;
}
