import { decodeUtf8 } from "../base/bytes.ts";
import { within } from "../base/time/within.ts";
import { type Answer, answerRefusal } from "./answer.ts";
import type { Caller } from "./call.ts";
import type { Channel } from "./era.ts";
import { type Line, readLines } from "./framing/lines.ts";
import type { JsonPieces } from "./json/pieces.ts";
import { INVALID_REQUEST, MAX_MESSAGE_BYTES, PARSE_ERROR } from "./message.ts";
import type { McpServer } from "./server.ts";

const encoder = new TextEncoder();
/** Notifications that may wait for a client that reads slowly; further ones are dropped. */
const MAX_WAITING_WRITES = 64;

/** One client at the other end of two pipes. */
export interface StdioOptions {
  readonly server: McpServer;
  readonly input: ReadableStream<Uint8Array>;
  readonly output: WritableStream<Uint8Array>;
  /** Whom the calls are made for. */
  readonly principal: string;
  /** Ends the reading, and asks the running calls to stop. */
  readonly signal: AbortSignal;
  /** How long calls may still run when the input has ended; default 10 s. */
  readonly drainMs?: number;
  /** Of one message; default 48 MiB. */
  readonly maxLineBytes?: number;
}

/**
 * Serves MCP over newline-delimited JSON: calls run side by side and are answered as they end.
 * Blank lines, CR before LF and a byte order mark mean nothing, and the last line needs no end.
 * Ends when the input does and the calls that run have ended, or `drainMs` later; when `signal`
 * aborts; or when nobody reads the output any more. The calls that still run are then asked to stop,
 * unanswered, and awaited. Closes the server; leaves both streams open.
 */
export async function serveStdio(options: StdioOptions): Promise<void> {
  const { server, input, principal, maxLineBytes = MAX_MESSAGE_BYTES, drainMs = 10_000 } = options;
  const over = new AbortController();
  const stop = () => over.abort();
  if (options.signal.aborted) stop();
  options.signal.addEventListener("abort", stop);
  const writer = createMessageWriter(options.output, stop);
  const channel: Channel = { kind: "pipe", id: crypto.randomUUID() };
  const caller: Caller = {
    principal,
    results: null,
    channel,
    gone: over.signal,
    notify: writer.offer,
  };
  const running = new Set<Promise<void>>();

  for await (const line of readLines(input, { maxBytes: maxLineBytes, signal: over.signal })) {
    const answered = answerLine(server, line, caller)
      .then((answer) => answer === null ? undefined : send(answer, writer))
      // A bug of one call ends no other.
      .catch(reportError)
      .finally(() => running.delete(answered));
    running.add(answered);
  }
  // Some calls go on after their answer.
  const ended = Promise.all([...running, server.close(over.signal)]);
  await within(ended, drainMs, over.signal);
  stop();
  options.signal.removeEventListener("abort", stop);
  await ended;
  writer.release();
}

async function answerLine(
  server: McpServer,
  line: Line,
  caller: Caller,
): Promise<Answer | null> {
  if (line.kind === "too_long") return refuseLine(INVALID_REQUEST, "The message is too large");
  const text = decodeUtf8(line.bytes);
  if (text === null) return refuseLine(PARSE_ERROR, "The message is not UTF-8");
  // Some clients end a line with CRLF, or put an empty one between two messages.
  if (text.trim() === "") return null;
  return await server.handle(text, caller);
}

function refuseLine(code: number, message: string): Answer {
  return answerRefusal(null, { code, message, httpStatus: 400 });
}

async function send(answer: Answer, writer: MessageWriter): Promise<void> {
  try {
    await writer.write(answer);
  } finally {
    answer.leave();
  }
}

interface MessageWriter {
  readonly write: (message: JsonPieces) => Promise<void>;
  /** Writes unless too much waits already. For what the client can do without. */
  readonly offer: (line: string) => void;
  readonly release: () => void;
}

/** Writes whole lines, one after the other; `onLost` is called when nobody reads them any more. */
function createMessageWriter(
  output: WritableStream<Uint8Array>,
  onLost: () => void,
): MessageWriter {
  const writer = output.getWriter();
  writer.closed.catch(onLost);

  /** All pieces are queued at once, so that no other line comes between them. */
  async function write({ text, rest }: JsonPieces): Promise<void> {
    const pieces = rest.length === 0
      ? [encoder.encode(`${text}\n`)]
      : [encoder.encode(text), ...rest, encoder.encode("\n")];
    await Promise.all(pieces.map((piece) => writer.write(piece))).catch(onLost);
  }

  return {
    write,
    offer(line) {
      if ((writer.desiredSize ?? 0) > -MAX_WAITING_WRITES) {
        void write({ text: line, rest: [] }).catch(onLost);
      }
    },
    release: () => writer.releaseLock(),
  };
}
