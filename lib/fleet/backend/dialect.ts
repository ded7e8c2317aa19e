import {
  HEADER_METHOD,
  HEADER_NAME,
  HEADER_PROTOCOL_VERSION,
  HEADER_SESSION_ID,
  type Implementation,
  LATEST_LEGACY_VERSION,
  META_CLIENT_CAPABILITIES,
  META_CLIENT_INFO,
  META_PROTOCOL_VERSION,
  MODERN_VERSION,
} from "../../mcp/era.ts";
import type { JsonObject } from "../../mcp/message.ts";
import type { ClaimFolder } from "../../work/claims/protocol.ts";

/** How a backend wants to be spoken to. */
export type Dialect =
  /** 2026-07-28: every request stands alone. */
  | { readonly kind: "modern" } & Habits
  /** Plain requests; `session` once the backend has asked for `initialize`. */
  | { readonly kind: "legacy"; readonly session: LegacySession | null } & Habits;

/** What a backend does beyond MCP. */
interface Habits {
  /** Where it claims calls before it runs them; null: it does not. */
  readonly claims: ClaimFolder | null;
  /** It keeps claims, but cannot now. */
  readonly isWithoutFolder?: true;
}

/** What `initialize` agreed on. */
export interface LegacySession {
  /** Value of `Mcp-Session-Id`; null where the backend gave none. */
  readonly id: string | null;
  readonly protocolVersion: string;
}

/** Headers and parameters of a request as a dialect wants them. */
export interface Encoded {
  readonly headers: Readonly<Record<string, string>>;
  readonly params: JsonObject;
}

/** A request for a modern backend, which `server/discover` always is. */
export const MODERN: Dialect = { kind: "modern", claims: null };
/** A request for a legacy backend that has not asked for a session. */
export const PLAIN_LEGACY: Dialect = { kind: "legacy", session: null, claims: null };

/** Encodes a request in a dialect; `meta` goes into `params._meta`. */
export function encode(
  dialect: Dialect,
  request: { readonly method: string; readonly params: JsonObject; readonly meta: JsonObject },
  client: Implementation,
): Encoded {
  const { method, params, meta } = request;
  if (dialect.kind === "legacy") {
    const withMeta = Object.keys(meta).length === 0 ? params : { ...params, _meta: meta };
    return { headers: legacyHeaders(dialect.session), params: withMeta };
  }
  const headers: Record<string, string> = {
    [HEADER_PROTOCOL_VERSION]: MODERN_VERSION,
    [HEADER_METHOD]: method,
  };
  if (typeof params.name === "string") headers[HEADER_NAME] = params.name;
  return {
    headers,
    params: {
      ...params,
      _meta: {
        ...meta,
        [META_PROTOCOL_VERSION]: MODERN_VERSION,
        [META_CLIENT_INFO]: client,
        [META_CLIENT_CAPABILITIES]: {},
      },
    },
  };
}

/** Parameters of `initialize`. */
export function initializeParams(client: Implementation): JsonObject {
  return { protocolVersion: LATEST_LEGACY_VERSION, capabilities: {}, clientInfo: client };
}

function legacyHeaders(session: LegacySession | null): Record<string, string> {
  if (session === null) return {};
  const headers = { [HEADER_PROTOCOL_VERSION]: session.protocolVersion };
  return session.id === null ? headers : { ...headers, [HEADER_SESSION_ID]: session.id };
}
