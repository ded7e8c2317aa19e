import { findExcess } from "./json/bounds.ts";
import { readLongJson, type ReadOptions } from "./json/read_long.ts";

/** A JSON object as parsed: nothing is known of its values. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** JSON-RPC 2.0 section 4: a string or an integer (MCP forbids null and fractions). */
export type RequestId = string | number;

/** A request, `params` being `{}` where it had none. */
export interface JsonRpcRequest {
  readonly kind: "request";
  readonly id: RequestId;
  readonly method: string;
  readonly params: JsonObject;
}

/** A notification, `params` being `{}` where it had none. */
export interface JsonRpcNotification {
  readonly kind: "notification";
  readonly method: string;
  readonly params: JsonObject;
}

/** A successful response. */
export interface JsonRpcResult {
  readonly kind: "result";
  readonly id: RequestId;
  readonly result: JsonObject;
}

/** A failed response; `id` is null where the peer could not read ours. */
export interface JsonRpcFailure {
  readonly kind: "failure";
  readonly id: RequestId | null;
  readonly error: RpcError;
}

/** What is no JSON-RPC message, and the error that says so. */
export interface InvalidMessage {
  readonly kind: "invalid";
  readonly id: RequestId | null;
  readonly error: RpcError;
}

/** Any message of the wire, parsed. */
export type Message =
  | JsonRpcRequest
  | JsonRpcNotification
  | JsonRpcResult
  | JsonRpcFailure
  | InvalidMessage;

/** The `error` member of a response, JSON-RPC 2.0 section 5.1. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** The longest message that is accepted, over any transport. */
export const MAX_MESSAGE_BYTES = 48 * 1024 * 1024;

/** Not JSON. JSON-RPC 2.0 section 5.1, as are the next four. */
export const PARSE_ERROR = -32700;
/** JSON, but no request. */
export const INVALID_REQUEST = -32600;
/** No such method. */
export const METHOD_NOT_FOUND = -32601;
/** Bad parameters; in MCP also an unknown tool or cursor. */
export const INVALID_PARAMS = -32602;
/** A bug of the server. */
export const INTERNAL_ERROR = -32603;
/** The server is stopping or full: the request did not run. JSON-RPC leaves -32000…-32099 to servers. */
export const UNAVAILABLE = -32000;
/** A header contradicts the body. MCP 2026-07-28, as are the next two. */
export const HEADER_MISMATCH = -32020;
/** The client did not declare a capability that the tool needs. */
export const MISSING_CLIENT_CAPABILITY = -32021;
/** The server does not speak the version asked for. */
export const UNSUPPORTED_VERSION = -32022;

/** Whether `value` is an object in JSON's sense: no array, no null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every answer repeats the id. */
const MAX_ID_CHARS = 256;

/** Whether `value` may be the id of an MCP request. */
export function isRequestId(value: unknown): value is RequestId {
  return typeof value === "string"
    ? value.length <= MAX_ID_CHARS
    : typeof value === "number" && Number.isSafeInteger(value);
}

/** One message of the wire from its text. Never throws: what is wrong comes back as `invalid`. */
export function readMessage(text: string): Message {
  const excess = findExcess(text);
  if (excess !== null) return unreadable(`The message has more than ${excess}`);
  try {
    return parseMessage(JSON.parse(text));
  } catch {
    return unreadable("The message is not JSON");
  }
}

/**
 * The same from the bytes of a long one, so that other work has its turn. Throws the `TypeError` that
 * `decode` throws.
 */
export async function readLongMessage(bytes: Uint8Array, options: ReadOptions): Promise<Message> {
  try {
    const json = await readLongJson(bytes, options);
    if ("value" in json) return parseMessage(json.value);
    return unreadable(`The message has more than ${json.excess}`);
  } catch (error) {
    if (error instanceof TypeError) throw error;
    return unreadable("The message is not JSON");
  }
}

function unreadable(message: string): InvalidMessage {
  return { kind: "invalid", id: null, error: { code: PARSE_ERROR, message } };
}

/** One message of the wire from parsed JSON. Never throws: what is wrong comes back as `invalid`. */
export function parseMessage(value: unknown): Message {
  if (Array.isArray(value)) return invalid(null, "Batches are not supported: send one message");
  if (!isJsonObject(value)) return invalid(null, "A message must be a JSON object");
  const id = isRequestId(value.id) ? value.id : null;
  if (value.jsonrpc !== "2.0") return invalid(id, '`jsonrpc` must be "2.0"');
  if (value.method === undefined) return parseResponse(value, id);
  if (typeof value.method !== "string") return invalid(id, "`method` must be a string");
  if (value.id !== undefined && id === null) {
    return invalid(
      null,
      `\`id\` must be a string of at most ${MAX_ID_CHARS} characters or an integer`,
    );
  }
  const params = value.params ?? {};
  if (!isJsonObject(params)) return invalid(id, "`params` must be an object");
  const method = value.method;
  return id === null
    ? { kind: "notification", method, params }
    : { kind: "request", id, method, params };
}

function parseResponse(value: JsonObject, id: RequestId | null): Message {
  const { result, error } = value;
  if (isJsonObject(result) && id !== null) return { kind: "result", id, result };
  if (
    isJsonObject(error) && typeof error.code === "number" && typeof error.message === "string"
  ) {
    const { code, message, data } = error;
    return {
      kind: "failure",
      id,
      error: data === undefined ? { code, message } : { code, message, data },
    };
  }
  return invalid(id, "A message needs a `method`, a `result` or an `error`");
}

function invalid(id: RequestId | null, message: string): InvalidMessage {
  return { kind: "invalid", id, error: { code: INVALID_REQUEST, message } };
}

/** A request, serialised. */
export function writeRequest(id: RequestId, method: string, params: JsonObject): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

/** A notification, serialised. */
export function writeNotification(method: string, params: JsonObject): string {
  return JSON.stringify({ jsonrpc: "2.0", method, params });
}

/** A successful response around a result that is JSON text already. */
export function writeResult(id: RequestId, resultJson: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${resultJson}}`;
}

/** A failed response, serialised; `id` null where the request's could not be read. */
export function writeError(id: RequestId | null, error: RpcError): string {
  const { code, message, data } = error;
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message, data } });
}
