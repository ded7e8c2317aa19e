import type { Pause } from "../../base/bursts.ts";
import { collectYoungGarbage } from "../../base/collect_garbage.ts";
import { messageOf } from "../../base/text/error_text.ts";
import type { Clock } from "../../base/time/clock.ts";
import { writeNotification } from "../../mcp/message.ts";
import { type Bytes, pieceBytes, type Reply, type Request, writeFrame } from "../../nats/frames.ts";
import { agentSubject, hostNoticeSubject, hostSubject } from "../../nats/subjects.ts";
import { Admission } from "../backend/admission.ts";
import { JsonReader } from "../backend/json_reader.ts";
import { failed, type WireMessage, type WireResult } from "../backend/wire.ts";
import type { WireFailure } from "../outcome.ts";
import { describeHeard, JUNK, lossOf, NO_ANSWER, unsentOrLost } from "./failures.ts";
import { readNotes } from "./notes.ts";
import { askAgent, type Heard, inWindow } from "./pieces.ts";
import type { NatsRequests } from "./requests.ts";

/** How long an agent holds its reply while a call runs: whether it is still there is seen by then. */
const HOLD_MS = 2_000;
/** So often it may say sooner than this that a call still runs; then it is asked after a rest. */
const REST_MS = 250;
const EARLY_REPLIES = 8;
/** A backend that trickles bytes gets this much time for each MiB, beyond its deadline. */
const MS_PER_MIB = 1_000;
const MIB = 1024 * 1024;
/** After so many bytes of an answer the buffers in which they came are collected. */
const COLLECT_BYTES = 8 * MIB;
/** Pieces of an answer are not smaller, whoever makes them. */
const LEAST_PIECE = 1_024;
/** A timer's longest delay; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const encoder = new TextEncoder();

const ACCEPTED: WireResult = { kind: "answer", result: {}, sessionId: null };

/** Options of an exchange. */
export interface WireExchangeOptions {
  readonly requests: NatsRequests;
  readonly clock: Clock;
  readonly pause: Pause;
}

/** One JSON-RPC message to an agent of a host, and what comes back. The first result counts. */
export class WireExchange {
  readonly #name: string;
  readonly #message: WireMessage;
  readonly #options: WireExchangeOptions;
  readonly #call = crypto.randomUUID();
  readonly #settled = Promise.withResolvers<WireResult>();
  readonly #admission: Admission;
  /** The agent that has the message; null: it is not known. */
  #agent: string | null = null;
  #isSettled = false;
  /** Whether the agent may have all of the message. */
  #isSent = false;
  #early = 0;
  #askedAt = 0;
  #reader: JsonReader | null = null;
  #deadlineAt: number;
  #cancelWait: () => void;
  /** Gives up what is under way. */
  #giveUp: () => void = () => {};

  constructor(name: string, message: WireMessage, options: WireExchangeOptions) {
    const { deadlineMs, signal } = message.bounds;
    this.#name = name;
    this.#message = message;
    this.#options = options;
    this.#admission = new Admission(message.bounds, options.clock);
    this.#deadlineAt = options.clock.now() + deadlineMs;
    this.#cancelWait = this.#wait(deadlineMs);
    signal.addEventListener("abort", this.#onCancel);
    if (signal.aborted) this.#onCancel();
    else this.#send();
  }

  get result(): Promise<WireResult> {
    return this.#settled.promise;
  }

  #send(): void {
    const body = encoder.encode(this.#message.body);
    const subject = hostSubject(this.#name);
    const most = pieceBytes(this.#options.requests.maxPayload());
    if (body.length > most) return this.#open(subject, body, most);
    this.#isSent = true;
    this.#ask(subject, { op: "call", call: this.#call, holdMs: HOLD_MS, body }, HOLD_MS);
    if (!this.#isSettled) this.#message.bounds.onSent?.();
  }

  #open(subject: string, body: Bytes, step: number): void {
    const request = { op: "open", call: this.#call, bytes: body.length } as const;
    this.#follow(subject, request, 0, (heard) => {
      if (!("state" in heard) || heard.state !== "ready") return this.#failUnsent(heard);
      this.#agent = heard.agent;
      this.#message.bounds.onSent?.();
      this.#sendPieces(agentSubject(this.#name, heard.agent), body, step);
    });
  }

  /** The last piece, with which the call begins, goes out when the agent has all others. */
  #sendPieces(subject: string, body: Bytes, step: number): void {
    const lastAt = Math.floor((body.length - 1) / step) * step;
    const put = (at: number, holdMs: number) => (
      { op: "put", call: this.#call, at, holdMs, body: body.subarray(at, at + step) } as const
    );
    this.#giveUp = inWindow({
      from: 0,
      to: lastAt,
      step,
      begin: (at, onHeard) =>
        askAgent(this.#options.requests, { subject, request: put(at, 0), onHeard }),
      onPiece: (_at, heard) => {
        if ("state" in heard && heard.state === "ready") return true;
        this.#failUnsent(heard);
        return false;
      },
      onEnd: () => {
        this.#isSent = true;
        this.#ask(subject, put(lastAt, HOLD_MS), HOLD_MS);
      },
    });
  }

  /** Asks something that may be answered with what has come of the call. */
  #ask(subject: string, request: Request, holdMs: number): void {
    this.#follow(subject, request, holdMs, (heard) => {
      if ("state" in heard) this.#take(heard);
      else this.#settle(failed(request.op === "wait" ? lossOf(heard) : unsentOrLost(heard)));
    });
  }

  #follow(
    subject: string,
    request: Request,
    holdMs: number,
    onHeard: (heard: Heard) => void,
  ): void {
    this.#askedAt = this.#options.clock.now();
    this.#giveUp = askAgent(this.#options.requests, {
      subject,
      request,
      holdMs,
      onHeard: (heard) => this.#isSettled || onHeard(heard),
    });
  }

  #take(reply: Reply): void {
    this.#agent ??= reply.agent;
    switch (reply.state) {
      case "running":
        readNotes(reply.body, this.#message.onNotification);
        return this.#askAgain(this.#agent);
      case "answer":
        return this.#receive(this.#agent, reply);
      case "refused":
        return this.#settle(failed({ kind: "connect", message: reply.reason, timedOut: false }));
      case "gone":
        return this.#settle(failed({ kind: "lost", message: "the agent has forgotten the call" }));
      case "ready":
      case "piece":
        return this.#settle(failed(JUNK));
    }
  }

  #askAgain(agent: string): void {
    const wait = { op: "wait", call: this.#call, holdMs: HOLD_MS } as const;
    const ask = () => this.#ask(agentSubject(this.#name, agent), wait, HOLD_MS);
    const restMs = this.#askedAt + REST_MS - this.#options.clock.now();
    if (restMs <= 0 || ++this.#early <= EARLY_REPLIES) ask();
    else this.#giveUp = this.#options.clock.after(restMs, ask);
  }

  #receive(agent: string, { bytes, step, body }: Reply & { readonly state: "answer" }): void {
    const { id, onNotification, bounds: { maxBytes } } = this.#message;
    if (bytes === 0) return this.#settle(id === null ? ACCEPTED : failed(NO_ANSWER));
    const isWhole = body.length === bytes;
    const isFit = body.length > 0 && body.length < bytes && step >= LEAST_PIECE;
    if (!isWhole && !isFit) return this.#settle(failed(JUNK));
    const read = (refusal: string | null) => {
      if (this.#isSettled) return;
      if (refusal !== null) return this.#settle(failed({ kind: "unreadable", message: refusal }));
      const { pause } = this.#options;
      this.#reader = new JsonReader(null, { id, onNotification, maxBytes, pause });
      this.#reader.push(body);
      if (isWhole) this.#readAnswer(this.#reader);
      else this.#receivePieces(agent, this.#reader, { from: body.length, step, bytes });
    };
    const admitted = this.#admission.admit(bytes, { isAll: true });
    if (!(admitted instanceof Promise)) return read(admitted);
    const since = this.#options.clock.now();
    admitted.then((refusal) => {
      this.#deadlineAt += this.#options.clock.now() - since;
      read(refusal);
    }).catch(this.#fail);
  }

  #receivePieces(
    agent: string,
    reader: JsonReader,
    { from, step, bytes }: { readonly from: number; readonly step: number; readonly bytes: number },
  ): void {
    const subject = agentSubject(this.#name, agent);
    let collectAt = COLLECT_BYTES;
    this.#giveUp = inWindow({
      from,
      to: bytes,
      step,
      begin: (at, onHeard) => {
        const request = { op: "get", call: this.#call, at } as const;
        return askAgent(this.#options.requests, { subject, request, onHeard });
      },
      onPiece: (at, heard) => {
        const isPiece = "state" in heard && heard.state === "piece" &&
          heard.body.length === Math.min(step, bytes - at);
        if (!isPiece) {
          this.#settle(failed("state" in heard ? JUNK : lossOf(heard)));
          return false;
        }
        reader.push(heard.body);
        this.#deadlineAt += heard.body.length / MIB * MS_PER_MIB;
        if (at >= collectAt) {
          collectAt += COLLECT_BYTES;
          collectYoungGarbage();
        }
        return true;
      },
      onEnd: () => this.#readAnswer(reader),
    });
  }

  #readAnswer(reader: JsonReader): void {
    const result = reader.end();
    if (!(result instanceof Promise)) return this.#settle(result);
    // All of it is here: it is not the host that takes time now.
    this.#cancelWait();
    result.then((late) => this.#settle(late)).catch(this.#fail);
  }

  readonly #fail = (error: unknown) =>
    this.#settle(failed({ kind: "unreadable", message: messageOf(error) }));

  /** It was not sent as a whole, so that it does not run, whatever has happened. */
  #failUnsent(heard: Heard): void {
    this.#settle(failed({ kind: "connect", message: describeHeard(heard), timedOut: false }));
  }

  readonly #onCancel = () => this.#stop({ kind: "cancelled" });

  /** The deadline moves while an answer comes, so the timer may be early. */
  readonly #onTimer = () => {
    const leftMs = this.#deadlineAt - this.#options.clock.now();
    if (leftMs > 0) this.#cancelWait = this.#wait(leftMs);
    else if (this.#isSent) this.#stop({ kind: "timeout" });
    else this.#stop({ kind: "connect", message: "timeout", timedOut: false });
  };

  #wait(ms: number): () => void {
    return this.#options.clock.after(Math.min(ms, MAX_TIMER_MS), this.#onTimer);
  }

  /** Cancels the call, too, wherever it runs. */
  #stop(failure: WireFailure): void {
    if (this.#isSettled) return;
    this.#settle(failed(failure));
    const { id } = this.#message;
    if (!this.#isSent || id === null) return;
    const params = { requestId: id, reason: "Nobody waits for the answer any more" };
    const body = encoder.encode(writeNotification("notifications/cancelled", params));
    this.#notify({ op: "notify", call: this.#call, body });
  }

  #notify(request: Request): void {
    const subject = this.#agent === null
      ? hostNoticeSubject(this.#name)
      : agentSubject(this.#name, this.#agent);
    this.#options.requests.notify(subject, writeFrame(request));
  }

  #settle(result: WireResult): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#cancelWait();
    this.#giveUp();
    this.#message.bounds.signal.removeEventListener("abort", this.#onCancel);
    // What is left of the answer, or of the message, is of no use.
    if (result.kind === "failed" && (this.#reader !== null || !this.#isSent)) {
      this.#notify({ op: "drop", call: this.#call });
    }
    this.#reader?.[Symbol.dispose]();
    this.#settled.resolve(result);
  }
}
