import { GrowingBytes } from "../../base/growing_bytes.ts";
import { messageOf } from "../../base/text/error_text.ts";
import { foreignText } from "../../base/text/foreign_text.ts";
import type { Clock } from "../../base/time/clock.ts";
import { createHttpAgent, createNetConnector, type HttpAgent } from "../../fleet/lmcp/connect.ts";
import { createLookup } from "../../fleet/resolver.ts";

/** For connecting alone; the whole has a deadline of its own. */
const CONNECT_MS = 3_000;
/** Bytes of an answer. A large issuer's keys are 20 KB. */
const MAX_BYTES = 256 * 1024;

/** A JSON document of somebody else, or why there is none, in words that follow "it". */
export type FetchedJson =
  | { readonly kind: "ok"; readonly value: unknown }
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "failed"; readonly reason: string };

/** Gets a JSON document by HTTP. Never rejects. */
export type FetchJson = (url: string, signal: AbortSignal) => Promise<FetchedJson>;

/** A `FetchJson`, and what ends its connections. */
export interface JsonClient {
  readonly fetchJson: FetchJson;
  readonly close: () => Promise<void>;
}

/**
 * Makes a `FetchJson` that follows no redirect, sends nothing but the request, keeps no connection, and
 * reads no more than any issuer needs.
 */
export function openJsonClient({ clock }: { readonly clock: Clock }): JsonClient {
  const connector = createNetConnector(createLookup({ clock }));
  const agent = createHttpAgent({ connectMs: CONNECT_MS, connector, clock, keeps: false });
  return {
    fetchJson: async function fetchJson(url, signal) {
      try {
        return await request(new URL(url), { agent, signal });
      } catch (error) {
        const reason = signal.aborted ? "did not answer in time" : foreignText(messageOf(error));
        return { kind: "failed", reason };
      }
    },
    close: agent.close,
  };
}

async function request(
  { origin, pathname, search }: URL,
  { agent, signal }: { readonly agent: HttpAgent; readonly signal: AbortSignal },
): Promise<FetchedJson> {
  const { statusCode: status, body } = await agent.dispatcher.request({
    origin,
    path: pathname + search,
    method: "GET",
    headers: { accept: "application/json" },
    signal,
  });
  // One that is left unread fails, which nobody waits for.
  body.on("error", () => {});
  if (status !== 200) {
    body.destroy();
    return { kind: "status", status };
  }
  using bytes = new GrowingBytes(MAX_BYTES);
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("The body is not bytes");
    if (bytes.length + chunk.length > MAX_BYTES) {
      return { kind: "failed", reason: `is longer than ${MAX_BYTES} bytes` };
    }
    bytes.push(chunk);
  }
  return parseJson(bytes.view());
}

/** Bytes that are no UTF-8 are replaced: what is in a key or a URL is ASCII. */
function parseJson(bytes: Uint8Array): FetchedJson {
  try {
    return { kind: "ok", value: JSON.parse(new TextDecoder().decode(bytes)) };
  } catch {
    return { kind: "failed", reason: "is not JSON" };
  }
}
