import { Buffer } from "node:buffer";
import { type Dispatcher, request } from "undici";
import { type JsonRpcFailure, type JsonRpcResult, readMessage } from "../mcp/message.ts";
import { createSseParser } from "../mcp/sse.ts";
import { NO_ROOM } from "./byte_budget.ts";
import { ConnectError, SendWatch } from "./lmcp_connect.ts";
import type { LmcpFailure } from "./outcome.ts";

/** A backend that trickles bytes gets this much time for each MiB, beyond its deadline. */
const MS_PER_MIB = 1_000;
const MIB = 1024 * 1024;
/** A timer's longest delay; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** One HTTP request to a backend. */
export interface ExchangeRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** From now to the last byte of the answer; grows by a second for each MiB that comes. */
  readonly deadlineMs: number;
  /** Longest answer that is read, in bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Asked before bytes of the answer are kept; false: there is no room. */
  readonly takeBytes?: (count: number) => boolean;
  /** Told when there is a connection, and the request goes out. */
  readonly onSent?: () => void;
  /** A notification of the backend's that came before the answer. */
  readonly onNotification: (method: string, params: Readonly<Record<string, unknown>>) => void;
}

/** What came of it. `sessionId` is the header `Mcp-Session-Id` of the answer. */
export type ExchangeResult =
  | { readonly kind: "answer"; readonly message: Answer; readonly sessionId: string | null }
  | { readonly kind: "accepted" }
  | { readonly kind: "failed"; readonly failure: LmcpFailure };

type Answer = JsonRpcResult | JsonRpcFailure;

/** Sends one JSON-RPC message by POST, once, and reads the answer. Never rejects. */
export async function exchange(
  dispatcher: Dispatcher,
  options: ExchangeRequest,
): Promise<ExchangeResult> {
  const deadline = startDeadline(options.deadlineMs);
  const signal = AbortSignal.any([options.signal, deadline.signal]);
  try {
    const response = await request(options.url, {
      dispatcher,
      method: "POST",
      headers: options.headers,
      body: options.body,
      signal,
      opaque: options.onSent === undefined ? null : new SendWatch(options.onSent),
    });
    return await readResponse(response, admitter(options, deadline), options.onNotification);
  } catch (error) {
    return { kind: "failed", failure: failureOf(error, options.signal, deadline.signal) };
  } finally {
    deadline.stop();
  }
}

/** Called with the size of each piece of an answer; throws a `RefusedAnswer` if it may not stay. */
type Admit = (bytes: number) => void;

function admitter(
  { maxBytes, takeBytes }: ExchangeRequest,
  deadline: { readonly extend: (bytes: number) => void },
): Admit {
  let total = 0;
  return (bytes) => {
    total += bytes;
    if (total > maxBytes) throw new RefusedAnswer(`answer larger than ${maxBytes} bytes`);
    if (takeBytes?.(bytes) === false) throw new RefusedAnswer(NO_ROOM);
    deadline.extend(bytes);
  };
}

async function readResponse(
  response: Dispatcher.ResponseData<unknown>,
  admit: Admit,
  onNotification: ExchangeRequest["onNotification"],
): Promise<ExchangeResult> {
  const { statusCode: status, headers, body } = response;
  if (status === 202) {
    await body.dump();
    return { kind: "accepted" };
  }
  if (status !== 200) {
    const text = await readStart(body);
    return { kind: "failed", failure: { kind: "status", status, body: text } };
  }
  const isStream = String(headers["content-type"] ?? "").startsWith("text/event-stream");
  const message = isStream
    ? await readStream(body, admit, onNotification)
    : parseAnswer(await readWhole(body, admit));
  if ("failure" in message) return { kind: "failed", failure: message.failure };
  const sessionId = headers["mcp-session-id"];
  return {
    kind: "answer",
    message: message.answer,
    sessionId: typeof sessionId === "string" ? sessionId : null,
  };
}

type Parsed = { readonly answer: Answer } | { readonly failure: LmcpFailure };

function parseAnswer(text: string): Parsed {
  const message = readMessage(text);
  if (message.kind === "result" || message.kind === "failure") return { answer: message };
  return unreadable(`bad json: ${text.slice(0, 200)}`);
}

function unreadable(message: string): Parsed {
  return { failure: { kind: "unreadable", message } };
}

/** Reads events until the answer comes, and closes the connection there. */
async function readStream(
  body: AsyncIterable<Uint8Array>,
  admit: Admit,
  onNotification: ExchangeRequest["onNotification"],
): Promise<Parsed> {
  // `admit` bounds the whole stream, and so each event.
  const parse = createSseParser({ maxBytes: Infinity });
  for await (const chunk of body) {
    admit(chunk.length);
    for (const event of parse(chunk)) {
      const message = readMessage(event.data);
      if (message.kind === "result" || message.kind === "failure") return { answer: message };
      if (message.kind === "notification") onNotification(message.method, message.params);
      if (message.kind === "invalid") return unreadable(`bad json: ${event.data.slice(0, 200)}`);
    }
  }
  return unreadable("event stream ended without an answer");
}

async function readWhole(body: AsyncIterable<Uint8Array>, admit: Admit): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) {
    admit(chunk.length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The first 200 characters, and no more of a body that may be endless, or break off. */
async function readStart(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= 200) break;
    }
  } catch {
    // The status has said all that counts.
  }
  return text.slice(0, 200);
}

/** An answer that is not read to its end, for its size. */
class RefusedAnswer extends Error {
  override readonly name = "RefusedAnswer";
}

function failureOf(error: unknown, caller: AbortSignal, deadline: AbortSignal): LmcpFailure {
  if (error instanceof ConnectError) {
    return { kind: "connect", message: error.message, timedOut: error.timedOut };
  }
  if (caller.aborted) return { kind: "cancelled" };
  if (deadline.aborted) return { kind: "timeout" };
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RefusedAnswer) return { kind: "unreadable", message };
  // What the parser of event streams throws: an event that is too long, or no UTF-8.
  if (error instanceof RangeError || error instanceof TypeError) {
    return { kind: "unreadable", message: `bad event stream: ${message}` };
  }
  return { kind: "lost", message };
}

/** A deadline that large answers push back while they come. */
function startDeadline(ms: number) {
  const controller = new AbortController();
  const expire = () => controller.abort(new DOMException("No answer in time", "TimeoutError"));
  const end = performance.now() + ms;
  let extraMs = 0;
  let timer = wait(ms);

  function wait(leftMs: number) {
    return setTimeout(check, Math.min(leftMs, MAX_TIMER_MS));
  }

  function check() {
    const leftMs = end + extraMs - performance.now();
    if (leftMs <= 0) expire();
    else timer = wait(leftMs);
  }

  return {
    signal: controller.signal,
    extend: (bytes: number) => extraMs += bytes / MIB * MS_PER_MIB,
    stop: () => clearTimeout(timer),
  };
}
