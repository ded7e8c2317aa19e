import { RequestError } from "@nats-io/transport-node";
import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time/clock.ts";
import type { NatsConnection, NatsMessage } from "../../nats/connection.ts";
import { hubSubject } from "../../nats/subjects.ts";
import type { PeerAnswer, Peers, Question, Serve } from "../peers.ts";
import { Members } from "./members.ts";
import { type HubMessage, readMessage, writeMessage } from "./message.ts";

/** How often a hub says that it is there. */
const HERE_MS = 2_000;
/** The topic of that, by the name that all versions of this program know. */
const PRESENCE = "roll";

/** Options of `openPeers()`. */
export interface PeersOptions {
  readonly id: string;
  readonly connection: NatsConnection;
  readonly clock: Pick<Clock, "now" | "every">;
  readonly log: Pick<Logger, "error" | "debug">;
}

/** The other hubs, until it is closed. */
export interface OpenPeers extends Peers {
  /** Says that this hub leaves. */
  readonly close: () => void;
}

/** Joins the hubs of one NATS. */
export function openPeers(options: PeersOptions): OpenPeers {
  const peers = new NatsPeers(options);
  return {
    id: options.id,
    isUp: options.connection.isUp,
    others: () => peers.members.others(),
    ask: (hub, question) => peers.ask(hub, question),
    askAll: (question) => peers.askAll(question),
    serve: (topic, serve) => peers.serve(topic, serve),
    watch: (listener) => peers.watch(listener),
    close: () => peers.close(),
  };
}

class NatsPeers {
  readonly members: Members;
  readonly #options: PeersOptions;
  readonly #served = new Map<string, Serve>();
  readonly #listeners = new Set<() => void>();
  readonly #endings: readonly (() => void)[];

  constructor(options: PeersOptions) {
    this.#options = options;
    const { connection, id, clock } = options;
    this.members = new Members({ now: clock.now, onChange: () => this.#report() });
    const onMessage = (message: NatsMessage) => this.#receive(message);
    const own = connection.subscribe({ subject: hubSubject(`to.${id}.*`), onMessage });
    const all = connection.subscribe({ subject: hubSubject("all.*"), onMessage });
    this.#endings = [
      () => own.end(),
      () => all.end(),
      connection.watch((isUp) => {
        if (isUp) this.#sayHere("all");
        this.#report();
      }),
      clock.every(HERE_MS, () => {
        this.members.dropSilent();
        this.#sayHere("all");
      }),
    ];
    this.#sayHere("all");
  }

  async ask(hub: string, { topic, body, timeoutMs }: Question): Promise<PeerAnswer> {
    const { connection, id } = this.#options;
    const client = connection.client();
    if (client === null || !connection.isUp()) return { kind: "away" };
    const message = writeMessage({ from: id, body });
    const lost = Promise.withResolvers<PeerAnswer>();
    const unwatch = connection.watch(() => lost.resolve({ kind: "away" }));
    const answer = client.request(hubSubject(`to.${hub}.${topic}`), message, { timeout: timeoutMs })
      .then(({ data }) => toAnswer(data), (error) => toFailure(error, connection));
    try {
      return await Promise.race([answer, lost.promise]);
    } finally {
      unwatch();
    }
  }

  async askAll({ topic, body, timeoutMs }: Question): Promise<readonly unknown[]> {
    const { connection, id } = this.#options;
    const client = connection.client();
    const count = this.members.others().length;
    if (client === null || !connection.isUp() || count === 0) return [];
    const answers: unknown[] = [];
    try {
      const replies = await client.requestMany(
        hubSubject(`all.${topic}`),
        writeMessage({ from: id, body }),
        { strategy: "count", maxMessages: count, maxWait: timeoutMs },
      );
      for await (const { data } of replies) {
        const message = readMessage(data);
        if (message !== null) answers.push(message.body);
      }
    } catch (error) {
      this.#options.log.debug("other hubs cannot be asked", { topic, error });
    }
    return answers;
  }

  serve(topic: string, serve: Serve): () => void {
    this.#served.set(topic, serve);
    return () => this.#served.delete(topic);
  }

  watch(listener: () => void): () => void {
    const own = () => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  close(): void {
    this.#send("all", { says: "gone" });
    for (const end of this.#endings) end();
  }

  #receive({ subject, data, reply }: NatsMessage): void {
    const message = readMessage(data);
    if (message === null || message.from === this.#options.id) return;
    const topic = subject.slice(subject.lastIndexOf(".") + 1);
    if (topic === PRESENCE) return this.#hear(message);
    this.#answer(topic, message, reply).catch((error) => {
      this.#options.log.error("a question of another hub failed", { topic, error });
    });
  }

  #hear({ from, body }: HubMessage): void {
    if (body !== null && typeof body === "object" && "says" in body && body.says === "gone") {
      this.members.remove(from);
    } else if (this.members.add(from)) {
      // A new one need not wait until it hears of this one.
      this.#sayHere(`to.${from}`);
    }
  }

  async #answer(topic: string, { from, body }: HubMessage, reply: string | null): Promise<void> {
    const serve = this.#served.get(topic);
    if (serve === undefined) return;
    const answer = await serve(body, from);
    if (reply === null || answer === null) return;
    const { connection, id } = this.#options;
    connection.publish(reply, writeMessage({ from: id, body: answer }));
  }

  #sayHere(to: string): void {
    this.#send(to, { says: "here" });
  }

  #send(to: string, body: unknown): void {
    const { connection, id } = this.#options;
    connection.publish(hubSubject(`${to}.${PRESENCE}`), writeMessage({ from: id, body }));
  }

  #report(): void {
    for (const listener of this.#listeners) listener();
  }
}

function toAnswer(data: Uint8Array): PeerAnswer {
  const message = readMessage(data);
  return message === null ? { kind: "silent" } : { kind: "answer", body: message.body };
}

function toFailure(error: unknown, { isUp }: NatsConnection): PeerAnswer {
  if (error instanceof RequestError && error.isNoResponders()) return { kind: "gone" };
  return { kind: isUp() ? "silent" : "away" };
}
