import type { Clock } from "../../base/time/clock.ts";
import type { NatsConnection, NatsMessage, NatsSubscription } from "../../nats/connection.ts";
import type { Bytes } from "../../nats/frames.ts";

/** What came of a message that was to be answered. */
export type Asked =
  | { readonly kind: "reply"; readonly data: Bytes }
  /** Nobody has got it: there is no connection, or nobody who subscribes. */
  | { readonly kind: "unsent" | "unheard" }
  /** Somebody may have got it. */
  | { readonly kind: "silence" | "disconnected" };

/** One question. */
export interface Question {
  readonly subject: string;
  readonly data: Bytes;
  /** How long to wait for the reply. */
  readonly withinMs: number;
  /** Called once, at once or later. */
  readonly onEnd: (asked: Asked) => void;
}

/** Asks over NATS, any number at once, each for one reply. */
export interface NatsRequests {
  /** Returns the function that gives up: `onEnd` is not called then. */
  readonly ask: (question: Question) => () => void;
  /** Sends what nobody replies to; false: it was not sent. */
  readonly notify: (subject: string, data: Bytes) => boolean;
  /** Bytes of the longest message. */
  readonly maxPayload: () => number;
  /** How often the connection was lost. */
  readonly disconnects: () => number;
  readonly close: () => void;
}

/** Options of `createNatsRequests()`. */
export interface RequestsOptions {
  readonly connection: NatsConnection;
  /** Start of the subjects of replies; nobody else may subscribe to them, or guess them. */
  readonly inbox: string;
  readonly clock: Pick<Clock, "after">;
}

/** Makes a `NatsRequests`. */
export function createNatsRequests(options: RequestsOptions): NatsRequests {
  const requests = new Requests(options);
  return {
    ask: (question) => requests.ask(question),
    notify: options.connection.publish,
    maxPayload: options.connection.maxPayload,
    disconnects: () => requests.disconnects,
    close: () => requests.close(),
  };
}

interface Pending {
  readonly onEnd: Question["onEnd"];
  readonly cancelTimeout: () => void;
}

class Requests {
  readonly #options: RequestsOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #subscription: NatsSubscription;
  readonly #unwatch: () => void;
  disconnects = 0;

  constructor(options: RequestsOptions) {
    this.#options = options;
    const { connection, inbox } = options;
    this.#subscription = connection.subscribe({
      subject: `${inbox}.*`,
      onMessage: (message) => this.#take(message),
    });
    this.#unwatch = connection.watch((isUp) => isUp || this.#lose());
  }

  ask({ subject, data, withinMs, onEnd }: Question): () => void {
    const { connection, inbox, clock } = this.#options;
    // Whoever may answer one request must not guess where another is answered.
    const token = crypto.randomUUID();
    if (!connection.publish(subject, data, `${inbox}.${token}`)) {
      onEnd({ kind: "unsent" });
      return () => {};
    }
    const cancelTimeout = clock.after(withinMs, () => this.#end(token, { kind: "silence" }));
    this.#pending.set(token, { onEnd, cancelTimeout });
    return () => {
      this.#pending.delete(token);
      cancelTimeout();
    };
  }

  close(): void {
    this.#unwatch();
    this.#lose();
    this.#subscription.end();
  }

  /** A second reply, or one that comes late, is nobody's. */
  #take({ subject, data, isUnheard }: NatsMessage): void {
    const token = subject.slice(this.#options.inbox.length + 1);
    this.#end(token, isUnheard ? { kind: "unheard" } : { kind: "reply", data });
  }

  #lose(): void {
    this.disconnects++;
    for (const token of [...this.#pending.keys()]) this.#end(token, { kind: "disconnected" });
  }

  #end(token: string, asked: Asked): void {
    const pending = this.#pending.get(token);
    if (pending === undefined) return;
    this.#pending.delete(token);
    pending.cancelTimeout();
    pending.onEnd(asked);
  }
}
