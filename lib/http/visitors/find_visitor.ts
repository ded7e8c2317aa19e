import type { Authenticator } from "../auth.ts";
import { readCookie } from "./cookie.ts";
import type { Sessions } from "./sessions.ts";

/** Somebody who visits the pages of the server. */
export interface Visitor {
  readonly principal: string;
  /** Of the session that they signed in to; null: they came with a token, or need none. */
  readonly sessionId: string | null;
  /** Whether they would still be let in, as the same principal. */
  readonly isAccepted: () => boolean;
}

/** Who sends a request; null: nobody who is let in. */
export type FindVisitor = (request: Request) => Visitor | null;

/**
 * Knows visitors by a bearer token, by the cookie of a session, or, where nobody needs a token, as
 * what the authenticator calls everybody. A wrong bearer token is not made good by a cookie.
 */
export function createFindVisitor(
  { authenticate, sessions }: {
    readonly authenticate: Authenticator;
    readonly sessions: Pick<Sessions, "principalOf">;
  },
): FindVisitor {
  function visitByHeaders(headers: Headers): Visitor | null {
    const find = () => authenticate({ headers })?.name;
    const principal = find();
    if (principal === undefined) return null;
    return { principal, sessionId: null, isAccepted: () => find() === principal };
  }

  function visitBySession(sessionId: string): Visitor | null {
    const principal = sessions.principalOf(sessionId);
    if (principal === null) return null;
    return {
      principal,
      sessionId,
      isAccepted: () => sessions.principalOf(sessionId) === principal,
    };
  }

  return function findVisitor(request) {
    // A copy: the request's own headers cannot be read when it has been answered.
    const authorization = bearerOf(request);
    if (authorization !== null) return visitByHeaders(new Headers({ authorization }));
    for (const id of readCookie(request, "session")) {
      const visitor = visitBySession(id);
      if (visitor !== null) return visitor;
    }
    return visitByHeaders(new Headers());
  };
}

/** The `Authorization` of a request, unless it is meant for a proxy, whose scheme is another one. */
export function bearerOf({ headers }: Request): string | null {
  const authorization = headers.get("authorization");
  return authorization !== null && /^Bearer\b/i.test(authorization) ? authorization : null;
}
