import { setTimeout as sleep } from "node:timers/promises";
import { readAnswer } from "./answer.ts";
import { describeFailure, type Failure } from "./failure.ts";
import { type Agreed, headersOf, versionOf } from "./headers.ts";
import { readLines } from "./lines.ts";
import {
  type Envelope,
  errorLine,
  isObject,
  PARSE_ERROR,
  readEnvelope,
  UNAVAILABLE,
} from "./message.ts";
import { post, type Posted } from "./post.ts";
import type { Settings } from "./settings.ts";

/** What connects a client to a hub. */
export interface BridgeOptions {
  readonly settings: Settings;
  readonly input: AsyncIterable<Uint8Array>;
  /** Writes a line to the client. */
  readonly write: (line: string) => Promise<void>;
  readonly patience?: Patience;
}

/** How long a hub that cannot be reached is tried again, in milliseconds. */
export interface Patience {
  /** When the client connects; clients wait a minute for that. */
  readonly opening: number;
  readonly later: number;
  /** Between two tries. */
  readonly pause: number;
}

const PATIENCE: Patience = { opening: 45_000, later: 10_000, pause: 500 };
/** How long running calls may take when the client is gone. */
const DRAIN_MS = 10_000;

/** A request that is not answered yet. */
interface Running {
  readonly cancel: AbortController;
  readonly isModern: boolean;
  /** Whether anything of it may have been sent. */
  isSent: boolean;
}

/** Passes on each message of the client to the hub, once, and what the hub answers, until the input ends. */
export async function runBridge(options: BridgeOptions): Promise<void> {
  const { settings, input, write, patience = PATIENCE } = options;
  const running = new Map<Envelope["id"], Running>();
  const serving = new Set<Promise<void>>();
  let agreed: Agreed = { version: null, sessionId: null };

  async function passOn(line: string): Promise<void> {
    const envelope = readEnvelope(line);
    if (envelope === null) return await write(errorLine(null, PARSE_ERROR, "This is no JSON"));
    if (envelope.method === "notifications/cancelled" && cancelRunning(envelope)) return;
    const { id } = envelope;
    const own: Running = {
      cancel: new AbortController(),
      isModern: versionOf(envelope) !== null,
      isSent: false,
    };
    if (id !== null) running.set(id, own);
    const failure = await exchange(envelope, line, own);
    if (id === null) return;
    running.delete(id);
    if (failure === null || own.cancel.signal.aborted) return;
    await write(errorLine(id, UNAVAILABLE, describeFailure(failure, envelope, settings)));
  }

  /** Closing the connection cancels in the newer era, and what was not sent needs no word to the hub. */
  function cancelRunning({ params }: Envelope): boolean {
    const { requestId } = params;
    if (typeof requestId !== "string" && typeof requestId !== "number") return false;
    const request = running.get(requestId);
    if (request === undefined || !(request.isModern || !request.isSent)) return false;
    request.cancel.abort();
    return true;
  }

  /** Sends a message and writes the answer; null: that is done. */
  async function exchange(envelope: Envelope, line: string, own: Running): Promise<Failure | null> {
    const posted = await send(envelope, line, own);
    if (posted.kind !== "answered") return posted;
    const answered = await readAnswer(posted, envelope.id, write);
    if (answered.kind !== "answered") return answered;
    if (envelope.method === "initialize") {
      agreed = { version: agreedVersion(answered.message), sessionId: posted.sessionId };
    }
    return null;
  }

  /** Connecting is tried again for a while; what has been sent is not sent again. */
  async function send(envelope: Envelope, line: string, own: Running): Promise<Posted> {
    const { signal } = own.cancel;
    const isOpening = /^(initialize|server\/discover)$/.test(envelope.method);
    const until = Date.now() + (isOpening ? patience.opening : patience.later);
    for (;;) {
      const posted = await post(settings, {
        headers: headersOf(envelope, agreed),
        body: line,
        signal,
        onConnected: () => own.isSent = true,
      });
      const isWorthIt = posted.kind === "not_connected" && posted.isPassing && Date.now() < until;
      if (!isWorthIt || signal.aborted) return posted;
      await sleep(patience.pause, undefined, { signal }).catch(() => {});
      if (signal.aborted) return posted;
    }
  }

  for await (const line of readLines(input)) {
    if (line.trim() === "") continue;
    const served = passOn(line).finally(() => serving.delete(served));
    serving.add(served);
  }
  const drained = new AbortController();
  const { signal } = drained;
  const patienceEnds = sleep(DRAIN_MS, undefined, { signal, ref: false }).catch(() => {});
  await Promise.race([Promise.all(serving), patienceEnds]);
  drained.abort();
}

function agreedVersion(message: unknown): string | null {
  const result = isObject(message) ? message.result : undefined;
  return isObject(result) && typeof result.protocolVersion === "string"
    ? result.protocolVersion
    : null;
}
