import { Buffer } from "node:buffer";
import { type Envelope, isObject } from "./message.ts";

/** What `initialize` has agreed on; null: nothing yet, or a revision without it. */
export interface Agreed {
  readonly version: string | null;
  readonly sessionId: string | null;
}

const META_PROTOCOL_VERSION = "io.modelcontextprotocol/protocolVersion";

/** The revision that a message itself names, as it does from 2026-07-28 on; null: none. */
export function versionOf({ params }: Envelope): string | null {
  const version = isObject(params._meta) ? params._meta[META_PROTOCOL_VERSION] : undefined;
  return typeof version === "string" ? version : null;
}

/** The headers that a message has over HTTP, in either era. */
export function headersOf(envelope: Envelope, agreed: Agreed): Readonly<Record<string, string>> {
  const own = versionOf(envelope);
  const version = own ?? (envelope.method === "initialize" ? null : agreed.version);
  const { name } = envelope.params;
  return {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    ...(version === null ? {} : { "mcp-protocol-version": version }),
    ...(own === null && agreed.sessionId !== null ? { "mcp-session-id": agreed.sessionId } : {}),
    ...(own === null ? {} : { "mcp-method": envelope.method }),
    ...(own !== null && typeof name === "string" ? { "mcp-name": encodeValue(name) } : {}),
  };
}

/** A header holds plain ASCII, so other texts are encoded (SEP-2243). */
function encodeValue(text: string): string {
  const isPlain = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith("=?");
  return isPlain ? text : `=?base64?${Buffer.from(text).toString("base64")}?=`;
}
