import type { Secret } from "../../base/secret.ts";
import type { Clock } from "../../base/time/clock.ts";
import type { Authenticator } from "../auth.ts";
import { IdStore } from "./id_store.ts";

/** How long a session lasts without use, and how long at most. */
const IDLE_MS = 12 * 3_600_000;
const MAX_AGE_MS = 7 * 24 * 3_600_000;
const BOUNDS = { max: 1_000, maxOfPrincipal: 64 };

/** Options of `createSessions()`. */
export interface SessionsOptions {
  readonly authenticate: Authenticator;
  readonly clock: Pick<Clock, "now" | "wall">;
}

/** Those who signed in with a token, by the ids that their browsers hold. */
export interface Sessions {
  /** Begins a session with a token; returns its id, or null if the token is not accepted. */
  readonly open: (token: Secret) => string | null;
  /** Who has a session, which counts as its use; null: there is none, or its token is no longer accepted. */
  readonly principalOf: (id: string) => string | null;
  readonly end: (id: string) => void;
}

interface Session {
  readonly principal: string;
  readonly token: Secret;
  readonly openedAt: Moment;
  usedAt: Moment;
}

/** By both clocks: the monotonic one rests while the machine sleeps, the other can be set back. */
interface Moment {
  readonly now: number;
  readonly wall: number;
}

/**
 * Makes `Sessions`. The token of a session is authenticated at each use, so that whoever is no longer
 * accepted is out at once, and has the name that the token has now or none.
 */
export function createSessions({ authenticate, clock }: SessionsOptions): Sessions {
  const store = new IdStore<Session>(BOUNDS);
  const moment = (): Moment => ({ now: clock.now(), wall: clock.wall() });

  function isOlder({ now, wall }: Moment, ms: number): boolean {
    return Math.max(clock.now() - now, clock.wall() - wall) >= ms;
  }

  function isValid({ principal, token, openedAt, usedAt }: Session): boolean {
    return !isOlder(openedAt, MAX_AGE_MS) && !isOlder(usedAt, IDLE_MS) &&
      authenticateToken(token, authenticate) === principal;
  }

  return {
    open: (token) => {
      const principal = authenticateToken(token, authenticate);
      if (principal === null) return null;
      return store.add({ principal, token, openedAt: moment(), usedAt: moment() });
    },
    principalOf: (id) => {
      const session = store.use(id);
      if (session === null) return null;
      if (isValid(session)) {
        session.usedAt = moment();
        return session.principal;
      }
      store.remove(id);
      return null;
    },
    end: (id) => store.remove(id),
  };
}

/** Whose token it is; null: nobody's. Line breaks are no part of a header. */
function authenticateToken(token: Secret, authenticate: Authenticator): string | null {
  const text = token.reveal();
  if (!/^[!-~]+$/.test(text)) return null;
  return authenticate({ headers: new Headers({ authorization: `Bearer ${text}` }) })?.name ?? null;
}
