import { decodeUtf8 } from "../base/bytes.ts";
import {
  HEADER_MISMATCH,
  INVALID_PARAMS,
  INVALID_REQUEST,
  isJsonObject,
  type JsonObject,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type RpcError,
  UNSUPPORTED_VERSION,
} from "./message.ts";
import { showValue } from "./arguments/shown_value.ts";

/** The stateless revision, https://modelcontextprotocol.io/specification/2026-07-28. */
export const MODERN_VERSION = "2026-07-28";
/** The newest revision negotiated by `initialize`. */
export const LATEST_LEGACY_VERSION = "2025-11-25";
/** All revisions negotiated by `initialize`, newest first. */
const LEGACY_VERSIONS: readonly string[] = [
  LATEST_LEGACY_VERSION,
  "2025-06-18",
  "2025-03-26",
];

/** Keys of a modern request's `params._meta`; the first and the last must be there. */
export const META_PROTOCOL_VERSION = "io.modelcontextprotocol/protocolVersion";
export const META_CLIENT_INFO = "io.modelcontextprotocol/clientInfo";
export const META_CLIENT_CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";
/** Key of a modern result's `_meta`: name and version of the server. */
export const META_SERVER_INFO = "io.modelcontextprotocol/serverInfo";

/** Header of every request after negotiation (legacy), of every request (modern). */
export const HEADER_PROTOCOL_VERSION = "mcp-protocol-version";
/** Modern: repeats the body's `method`. */
export const HEADER_METHOD = "mcp-method";
/** Modern: repeats the `params.name` of `tools/call`; `=?base64?…?=` where it is not plain ASCII. */
export const HEADER_NAME = "mcp-name";
/** Legacy: the session that `initialize` began. */
export const HEADER_SESSION_ID = "mcp-session-id";

/** Name and version of either side. */
export interface Implementation {
  readonly name: string;
  readonly version: string;
}

/** How a message came: the headers of its HTTP request, or the pipe it was read from. */
export type Channel =
  | { readonly kind: "http"; readonly headers: Headers }
  | { readonly kind: "pipe"; readonly id: string };

/** An error, and the HTTP status that goes with it. */
export interface Refusal extends RpcError {
  readonly httpStatus: number;
}

/** How long, and by whom, a list may be remembered. */
export interface CacheHint {
  readonly ttlMs: number;
  /** `public` only if every caller gets the same. */
  readonly cacheScope: "public" | "private";
}

/** All that differs between the protocol's two eras. */
export interface Era {
  readonly name: "legacy" | "modern";
  readonly methods: ReadonlySet<string>;
  /** HTTP status of -32601. */
  readonly unknownMethodStatus: number;
  /** Why the message cannot be served, whatever its method; null if it can. */
  readonly check: (
    message: JsonRpcRequest | JsonRpcNotification,
    channel: Channel,
  ) => Refusal | null;
  /** What request ids are unique within; null: no notification can cancel this request. */
  readonly sessionOf: (channel: Channel) => string | null;
  /** Whether a client that goes away cancels what it asked for. */
  readonly disconnectCancels: (channel: Channel) => boolean;
  /** What the client says of itself in the request; null: nothing. */
  readonly clientOf: (request: JsonRpcRequest) => Implementation | null;
  /** Those of the `required` client capabilities that the request does not declare; null: none. */
  readonly missingCapabilities: (
    request: JsonRpcRequest,
    required: JsonObject,
  ) => JsonObject | null;
  /** The result as this era wants it on the wire. */
  readonly decorate: (
    result: JsonObject,
    server: Implementation,
    cache: CacheHint | null,
  ) => JsonObject;
}

/** The era a message belongs to. */
export function detectEra(message: JsonRpcRequest | JsonRpcNotification, channel: Channel): Era {
  if (metaOf(message)[META_PROTOCOL_VERSION] !== undefined) return modern;
  if (message.method === "server/discover") return modern;
  if (message.method === "initialize" || channel.kind === "pipe") return legacy;
  const version = channel.headers.get(HEADER_PROTOCOL_VERSION);
  return version !== null && /^\d{4}-/.test(version) && version >= "2026" ? modern : legacy;
}

/** The version that answers an `initialize` asking for `requested`. */
export function negotiateLegacyVersion(requested: unknown): string {
  return LEGACY_VERSIONS.find((version) => version === requested) ?? LATEST_LEGACY_VERSION;
}

/** 2025-03-26 to 2025-11-25: `initialize`, sessions, cancelling by notification. */
export const legacy: Era = {
  name: "legacy",
  methods: new Set(["initialize", "ping", "tools/list", "tools/call"]),
  unknownMethodStatus: 200,
  check(message, channel) {
    if (channel.kind === "pipe" || message.method === "initialize") return null;
    const version = channel.headers.get(HEADER_PROTOCOL_VERSION);
    if (version === null || LEGACY_VERSIONS.includes(version)) return null;
    const supported = [MODERN_VERSION, ...LEGACY_VERSIONS].join(", ");
    return badRequest(
      INVALID_REQUEST,
      `MCP-Protocol-Version ${JSON.stringify(version)} is not one of ${supported}`,
    );
  },
  sessionOf: (channel) =>
    channel.kind === "pipe" ? channel.id : channel.headers.get(HEADER_SESSION_ID),
  disconnectCancels: (channel) => channel.kind === "pipe",
  clientOf: () => null,
  missingCapabilities: () => null,
  decorate: (result) => result,
};

/** 2026-07-28: every request stands alone, closing the connection cancels. */
export const modern: Era = {
  name: "modern",
  methods: new Set(["server/discover", "tools/list", "tools/call"]),
  unknownMethodStatus: 404,
  check(message, channel) {
    if (message.kind === "notification") return null;
    const meta = metaOf(message);
    const version = meta[META_PROTOCOL_VERSION];
    if (typeof version !== "string") return missingMeta(META_PROTOCOL_VERSION, "a string");
    if (!isJsonObject(meta[META_CLIENT_CAPABILITIES])) {
      return missingMeta(META_CLIENT_CAPABILITIES, "an object");
    }
    const headers = channel.kind === "http" ? channel.headers : null;
    const mismatch = headers && mismatchOf(headers, HEADER_PROTOCOL_VERSION, version);
    if (mismatch) return mismatch;
    if (version !== MODERN_VERSION) {
      const data = { supported: [MODERN_VERSION], requested: version };
      return { ...badRequest(UNSUPPORTED_VERSION, "Unsupported protocol version"), data };
    }
    return headers && checkRoutingHeaders(message, headers);
  },
  sessionOf: (channel) => channel.kind === "pipe" ? channel.id : null,
  disconnectCancels: () => true,
  clientOf(request) {
    const info = metaOf(request)[META_CLIENT_INFO];
    if (!isJsonObject(info) || typeof info.name !== "string") return null;
    return { name: info.name, version: typeof info.version === "string" ? info.version : "" };
  },
  missingCapabilities(request, required) {
    const declared = metaOf(request)[META_CLIENT_CAPABILITIES];
    const missing = Object.entries(required)
      .filter(([key]) => !isJsonObject(declared) || declared[key] === undefined);
    return missing.length === 0 ? null : Object.fromEntries(missing);
  },
  decorate(result, server, cache) {
    const meta = isJsonObject(result._meta) ? result._meta : {};
    const asking = inputMembers(result);
    return {
      ...(asking ?? { ...result, ...cache, resultType: "complete" }),
      _meta: { ...meta, [META_SERVER_INFO]: server },
    };
  },
};

function checkRoutingHeaders(request: JsonRpcRequest, headers: Headers): Refusal | null {
  const mismatch = mismatchOf(headers, HEADER_METHOD, request.method);
  if (mismatch || request.method !== "tools/call") return mismatch;
  const { name } = request.params;
  return typeof name === "string" ? mismatchOf(headers, HEADER_NAME, name) : null;
}

function mismatchOf(headers: Headers, name: string, expected: string): Refusal | null {
  const value = headers.get(name);
  if (value !== null && decodeHeaderValue(value) === expected) return null;
  const found = value === null ? "is missing" : `is ${JSON.stringify(value)}`;
  return badRequest(
    HEADER_MISMATCH,
    `Header ${name} ${found}, but the body says ${showValue(expected)}`,
  );
}

/** The text of a header value; null where its base64 form is broken. SEP-2243. */
function decodeHeaderValue(value: string): string | null {
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value)?.[1];
  if (encoded === undefined) return value;
  try {
    return decodeUtf8(Uint8Array.fromBase64(encoded, { lastChunkHandling: "strict" }));
  } catch {
    return null;
  }
}

function metaOf(message: JsonRpcRequest | JsonRpcNotification): JsonObject {
  return isJsonObject(message.params._meta) ? message.params._meta : {};
}

function missingMeta(key: string, kind: string): Refusal {
  return badRequest(INVALID_PARAMS, `\`params._meta\` must have ${JSON.stringify(key)}, ${kind}`);
}

function badRequest(code: number, message: string): Refusal {
  return { code, message, httpStatus: 400 };
}

/** The members of a result that asks for input (`askForInput()`); null: it is another one. */
function inputMembers({ inputRequests, requestState }: JsonObject): JsonObject | null {
  return inputRequests === undefined
    ? null
    : { resultType: "input_required", inputRequests, requestState };
}
