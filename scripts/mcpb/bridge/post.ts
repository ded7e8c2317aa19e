import { Buffer } from "node:buffer";
import * as http from "node:http";
import * as https from "node:https";
import type { Settings } from "./settings.ts";

/** What became of a request. */
export type Posted =
  | {
    readonly kind: "answered";
    readonly status: number;
    readonly contentType: string;
    readonly sessionId: string | null;
    /** Fails if it breaks off. */
    readonly body: AsyncIterable<Uint8Array>;
  }
  /** Nothing was sent. */
  | { readonly kind: "not_connected"; readonly reason: string; readonly isPassing: boolean }
  /** It was sent, at least in part, and is not answered. */
  | { readonly kind: "lost"; readonly reason: string };

/** One request. */
export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** Called before anything is sent. */
  readonly onConnected: () => void;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** A hub that works on an answer says so every 15 seconds. */
const SILENCE_MS = 120_000;

/** What may be otherwise in a moment, as when a hub is restarted or a network comes up. */
const PASSING = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
]);

/**
 * Sends a request once, over a connection of its own: on one that is kept, a request that is lost
 * could not be distinguished from one that never left.
 */
export function post(settings: Settings, options: PostOptions): Promise<Posted> {
  const { url, token, ca } = settings;
  const bytes = Buffer.from(options.body);
  const request = (url.protocol === "https:" ? https : http).request(url, {
    method: "POST",
    agent: false,
    ...(ca === null ? {} : { ca: [...ca] }),
    signal: options.signal,
    headers: {
      ...options.headers,
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      "content-length": String(bytes.length),
    },
  });
  let isConnected = false;
  watchConnecting(request, url, () => {
    isConnected = true;
    options.onConnected();
  });
  request.setTimeout(SILENCE_MS, () => request.destroy(new Error("nothing came for two minutes")));
  return new Promise((resolve) => {
    request.on("response", (response) => resolve(answered(response)));
    request.on("error", (error) => {
      const reason = error.message === "" ? codeOf(error) : error.message;
      const isPassing = PASSING.has(codeOf(error));
      resolve(
        isConnected ? { kind: "lost", reason } : { kind: "not_connected", reason, isPassing },
      );
    });
    request.end(bytes);
  });
}

/** Bounds the time that connecting may take. */
function watchConnecting(
  request: http.ClientRequest,
  { protocol }: URL,
  onConnected: () => void,
): void {
  request.on("socket", (socket) => {
    const timer = setTimeout(() => {
      request.destroy(Object.assign(new Error("connect timeout"), { code: "ETIMEDOUT" }));
    }, CONNECT_TIMEOUT_MS);
    socket.once(protocol === "https:" ? "secureConnect" : "connect", () => {
      clearTimeout(timer);
      onConnected();
    });
    socket.once("close", () => clearTimeout(timer));
  });
}

function answered(response: http.IncomingMessage): Posted {
  const { statusCode = 0, headers } = response;
  const session = headers["mcp-session-id"];
  return {
    kind: "answered",
    status: statusCode,
    contentType: headers["content-type"] ?? "",
    sessionId: typeof session === "string" ? session : null,
    body: response,
  };
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
