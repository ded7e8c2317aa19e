import type { Asked, NatsRequests } from "./requests.ts";
import { readReply, type Reply, type Request, writeFrame } from "../../nats/frames.ts";

/** How long an agent may take for a reply that it does not hold. */
export const REPLY_MS = 4_000;
/** Pieces that are on their way at once. */
const WINDOW = 4;

/** What came of a request to an agent. */
export type Heard = Reply | Exclude<Asked, { readonly kind: "reply" }> | { readonly kind: "junk" };

/** Asks an agent, and calls back with what it says; returns the function that gives up. */
export function askAgent(
  requests: NatsRequests,
  { subject, request, holdMs = 0, onHeard }: {
    readonly subject: string;
    readonly request: Request;
    /** How long it may hold its reply. */
    readonly holdMs?: number;
    readonly onHeard: (heard: Heard) => void;
  },
): () => void {
  return requests.ask({
    subject,
    data: writeFrame(request),
    withinMs: holdMs + REPLY_MS,
    onEnd: (asked) =>
      onHeard(asked.kind === "reply" ? readReply(asked.data) ?? { kind: "junk" } : asked),
  });
}

/** Options of `inWindow()`. */
export interface WindowOptions {
  /** Where the first piece begins, and the last one ends. */
  readonly from: number;
  readonly to: number;
  /** Length of each piece but the last one. */
  readonly step: number;
  /** Asks for a piece, or sends it; returns the function that gives up. */
  readonly begin: (at: number, onHeard: (heard: Heard) => void) => () => void;
  /** Called with the replies in the order of the pieces; false: it is enough. */
  readonly onPiece: (at: number, heard: Heard) => boolean;
  readonly onEnd: () => void;
}

/** Has some pieces on their way at any time, until all of them are. Returns the function that ends it. */
export function inWindow({ from, to, step, begin, onPiece, onEnd }: WindowOptions): () => void {
  const heard = new Map<number, Heard>();
  const underWay = new Map<number, () => void>();
  let next = from;
  let due = from;
  let isOver = false;

  function end(): void {
    isOver = true;
    for (const giveUp of underWay.values()) giveUp();
  }

  function take(at: number, reply: Heard): void {
    if (isOver) return;
    underWay.delete(at);
    heard.set(at, reply);
    for (let first = heard.get(due); first !== undefined; first = heard.get(due)) {
      heard.delete(due);
      const at = due;
      due += step;
      if (!onPiece(at, first)) return end();
      if (isOver) return;
    }
    go();
  }

  function go(): void {
    while (!isOver && next < to && next < due + WINDOW * step) {
      const at = next;
      next += step;
      const giveUp = begin(at, (reply) => take(at, reply));
      if (at >= due && !heard.has(at)) underWay.set(at, giveUp);
    }
    if (!isOver && due >= to) {
      end();
      onEnd();
    }
  }

  go();
  return end;
}
