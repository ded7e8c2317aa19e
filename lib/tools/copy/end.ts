import { PhaseTimer } from "../../calls/phases.ts";
import type { Delivery, DeliveryOutcome } from "../../calls/record.ts";
import { within } from "../../base/time/within.ts";
import { foreignText } from "../../base/text/foreign_text.ts";
import { claimantOf } from "../../fleet/claimant.ts";
import type { Dispatched } from "../../fleet/dispatch.ts";
import { hasBackend, type Host, withoutBackend } from "../../fleet/host.ts";
import type { Work } from "../../fleet/transport.ts";
import type { JsonObject } from "../../mcp/message.ts";
import type { CallContext } from "../../mcp/tool.ts";
import { PIECE_BYTES } from "../../work/copy/requests.ts";
import type { Procedure } from "../../work/script.ts";
import { type RemoteToolOptions, toDelivery } from "../definition.ts";
import { hasNoTool } from "../jobs/asking.ts";

/** Characters of why something failed. */
const MAX_REASON = 300;
/** A piece as JSON, and more than any list of digests. */
const MAX_ANSWER_BYTES = 24 * 1024 * 1024;
/** How long to wait before a piece is sent again, in milliseconds. */
const AGAIN_AFTER_MS = [1_000, 4_000] as const;
const JSON_BYTES = PIECE_BYTES / 16;
/** How fast a host reads a file for its digest, or extracts an archive, at the least. */
const BYTES_PER_MS = 10_000;
const LONG_MS = 60_000;

/** What an end of a copy is to do. */
export interface EndWork {
  /** The backend's tool, and its arguments. */
  readonly tool: "copy_read" | "copy_write";
  readonly args: JsonObject;
  readonly procedure: () => Procedure;
  /** It may be done again and again. */
  readonly isRepeatable: boolean;
  /** Bytes that are sent one way or the other; default: none to speak of. */
  readonly sentBytes?: number;
  /** Bytes that the host itself works through, which takes as long as it takes; default: few. */
  readonly workedBytes?: number;
}

/** Its result. */
export type Done =
  | {
    readonly kind: "done";
    readonly answer: JsonObject;
    /** Of a piece that came as it is. */
    readonly bytes?: Uint8Array<ArrayBuffer> | undefined;
  }
  | {
    readonly kind: "failed";
    readonly outcome: Exclude<DeliveryOutcome, "ok">;
    readonly reason: string;
  };

/** One host of a copy. */
export class CopyEnd {
  readonly host: Host;
  readonly #context: CallContext;
  readonly #options: Pick<RemoteToolOptions, "dispatch" | "now">;
  /** Why its caller may not, or not any more; null: it may. */
  readonly #findRefusal: (host: Host) => string | null;
  #way: Host;
  #last: Delivery | null = null;

  constructor(host: Host, { context, findRefusal, ...options }:
    & Pick<RemoteToolOptions, "dispatch" | "now">
    & {
      readonly context: CallContext;
      readonly findRefusal: (host: Host) => string | null;
    }) {
    this.host = host;
    this.#way = host;
    this.#context = context;
    this.#options = options;
    this.#findRefusal = findRefusal;
  }

  /**
   * Bytes of content that are sent at once. To a backend they are a text in JSON, whose garbage stays for a
   * while; over ssh each time takes a few round trips.
   */
  get stepBytes(): number {
    return this.sendsText ? JSON_BYTES : PIECE_BYTES;
  }

  /** Whether contents are sent as texts. */
  get sendsText(): boolean {
    return hasBackend(this.#way);
  }

  /** Has it done: what sends a content and may be repeated, several times if need be. */
  async do(work: EndWork): Promise<Done> {
    let done = await this.#doOnce(work);
    const isLong = work.isRepeatable && work.sentBytes !== undefined;
    for (const ms of isLong ? AGAIN_AFTER_MS : []) {
      const isLost = done.kind === "failed" && done.outcome !== "failed";
      if (!isLost || this.#context.signal.aborted) break;
      await within(new Promise(() => {}), ms, this.#context.signal);
      done = await this.#doOnce(work);
    }
    return done;
  }

  /** Records the result of the copy here. */
  record(outcome: DeliveryOutcome): void {
    const last = this.#last;
    if (last === null) return;
    const via = outcome === "not_delivered" ? null : last.via;
    this.#context.record.deliveries.push({ ...last, via, outcome, exitCode: null });
  }

  async #doOnce(work: EndWork): Promise<Done> {
    const refusal = this.#findRefusal(this.host);
    if (refusal !== null) return failed("failed", refusal);
    if (this.#context.signal.aborted) return failed("not_delivered", "cancelled");
    const dispatched = await this.#send(work);
    if (!hasNoTool(dispatched, work.tool) || this.#way !== this.host) return toDone(dispatched);
    if (this.host.sshHost === null) {
      return failed("failed", "its server cannot copy, and there is no ssh to it");
    }
    this.#way = withoutBackend(this.host);
    return toDone(await this.#send(work));
  }

  async #send({ sentBytes = 0, workedBytes, ...work }: EndWork): Promise<Dispatched> {
    const { principal, signal, traceparent } = this.#context;
    const phases = new PhaseTimer(this.#options.now);
    const whole: Work = {
      ...work,
      declared: Object.keys(work.args),
      readOnly: work.isRepeatable,
      payloadBytes: sentBytes,
      runMs: workedBytes === undefined ? null : LONG_MS + workedBytes / BYTES_PER_MS,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    };
    const claimant = claimantOf(principal);
    const call = { claimant, signal, traceparent, onProgress: null, phases };
    const dispatched = await this.#options.dispatch(this.#way, whole, call);
    this.#last = toDelivery(this.host.name, dispatched, phases.times());
    return dispatched;
  }
}

/** A failure. */
export function failed(
  outcome: Exclude<DeliveryOutcome, "ok">,
  reason: string,
): Extract<Done, { readonly kind: "failed" }> {
  return { kind: "failed", outcome, reason };
}

function toDone(dispatched: Dispatched): Done {
  if (dispatched.kind !== "ran") {
    const relevant = dispatched.errors.filter(({ isMissing }) => !isMissing);
    const errors = relevant.length > 0 ? relevant : dispatched.errors;
    const reason = errors.map(({ via, reason }) => `${via}: ${reason}`).join(" | ");
    return failed(dispatched.kind, foreignText(reason, MAX_REASON));
  }
  const { failure, structured, bytes } = dispatched.reply;
  if (failure !== null) return failed("failed", foreignText(failure, MAX_REASON));
  return structured === null
    ? failed("failed", "its answer cannot be read")
    : { kind: "done", answer: structured, bytes };
}
