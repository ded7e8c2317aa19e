import {
  type NatsConnection as Client,
  type Subscription as ClientSubscription,
} from "@nats-io/transport-node";
import type { Logger } from "../base/log.ts";
import { messageOf } from "../base/text/error_text.ts";
import { type Clock, systemClock } from "../base/time/clock.ts";
import { rest } from "../base/time/rest.ts";
import { connectClient } from "./client.ts";
import { toClientOptions } from "./connect_options.ts";
import type { NatsSettings } from "./settings.ts";

/** Between two attempts to connect, with as much again at random: all agents come back at once. */
const RETRY_MS = 500;
const RETRY_JITTER_MS = 1_500;
/** What a server accepts at least in one message, until it has said what it accepts. */
const DEFAULT_MAX_PAYLOAD = 64 * 1024;
/** Failures that are said of one connection: there can be one for each host. */
const MAX_FAILURES = 16;
/** How long what was published may take to leave, when the connection is closed. */
const DRAIN_MS = 2_000;

/** A message that has come. */
export interface NatsMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Where an answer is expected; null: nowhere. */
  readonly reply: string | null;
  /** Nobody subscribes to what was published with this subject as `reply`. */
  readonly isUnheard: boolean;
}

/** What messages are asked for. */
export interface SubscriptionOptions {
  readonly subject: string;
  /** Of the subscribers with one queue's name only one gets each message. */
  readonly queue?: string;
  /** Must not throw. */
  readonly onMessage: (message: NatsMessage) => void;
}

/** What a `subscribe()` began. */
export interface NatsSubscription {
  /** Ends it at once. */
  readonly end: () => void;
  /** Ends it when all that the server has sent before has come. */
  readonly drain: () => Promise<void>;
}

/** One connection to NATS, which is made again whenever it is lost. */
export interface NatsConnection {
  /** Whether a server is connected. What is published while it is not is lost. */
  readonly isUp: () => boolean;
  /** Calls back on each change. Returns the function that ends this. */
  readonly watch: (listener: (isUp: boolean) => void) => () => void;
  /** Bytes of the longest message that the server accepts. */
  readonly maxPayload: () => number;
  /** Sends a message; false: it was certainly not sent. */
  readonly publish: (subject: string, data: Uint8Array, reply?: string) => boolean;
  /** Subscribes, now and after each reconnect. */
  readonly subscribe: (options: SubscriptionOptions) => NatsSubscription;
  /** Resolves when the server has everything that was sent before; false: the connection was lost. */
  readonly flush: () => Promise<boolean>;
  /** The client of the connection, for JetStream; null: it was never connected, or is closed. */
  readonly client: () => Client | null;
  /** Sends what has been published, and ends the connection. */
  readonly close: () => Promise<void>;
}

/** Options of a connection. */
export interface NatsOptions {
  readonly settings: NatsSettings;
  /** What the server shows of this connection. */
  readonly name: string;
  /** Start of the subjects for answers; default: the client's own. */
  readonly inboxPrefix?: string;
  readonly log: Pick<Logger, "info" | "warn" | "debug">;
  readonly clock?: Pick<Clock, "after">;
  /** From 0 to 1; default: at random. */
  readonly random?: () => number;
}

/** Opens a connection, which need not succeed at once: the caller never waits for a server. */
export function openNats(options: NatsOptions): NatsConnection {
  const connection = new KeptConnection(options);
  return {
    isUp: () => connection.isUp,
    watch: (listener) => connection.watch(listener),
    maxPayload: () => connection.maxPayload,
    publish: (subject, data, reply) => connection.publish(subject, data, reply),
    subscribe: (wanted) => connection.subscribe(wanted),
    flush: () => connection.flush(),
    client: () => connection.client,
    close: () => connection.close(),
  };
}

interface Wanted extends SubscriptionOptions {
  active: ClientSubscription | null;
}

class KeptConnection {
  readonly #options: NatsOptions;
  readonly #clock: Pick<Clock, "after">;
  readonly #random: () => number;
  readonly #wanted = new Set<Wanted>();
  readonly #listeners = new Set<(isUp: boolean) => void>();
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #client: Client | null = null;
  #isUp = false;
  /** Those that have been said. */
  readonly #failures = new Set<string>();

  constructor(options: NatsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#running = this.#run();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get client(): Client | null {
    return this.#client;
  }

  get maxPayload(): number {
    return this.#client?.info?.max_payload ?? DEFAULT_MAX_PAYLOAD;
  }

  watch(listener: (isUp: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(subject: string, data: Uint8Array, reply?: string): boolean {
    if (!this.#isUp || this.#client === null) return false;
    try {
      this.#client.publish(subject, data, reply === undefined ? {} : { reply });
      return true;
    } catch (error) {
      this.#options.log.debug("a message cannot be sent over NATS", { error });
      return false;
    }
  }

  subscribe(options: SubscriptionOptions): NatsSubscription {
    const wanted: Wanted = { ...options, active: null };
    this.#wanted.add(wanted);
    this.#activate(wanted);
    const leave = () => {
      this.#wanted.delete(wanted);
      const { active } = wanted;
      wanted.active = null;
      return active === null || active.isClosed() ? null : active;
    };
    return {
      end: () => leave()?.unsubscribe(),
      drain: async () => {
        const active = leave();
        // One that is not connected gets nothing more.
        if (this.#isUp && active !== null) await this.#inTime(active.drain());
        else active?.unsubscribe();
      },
    };
  }

  async flush(): Promise<boolean> {
    const client = this.#client;
    if (client === null || !this.#isUp) return false;
    return await client.flush().then(() => true, () => false);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const client = this.#client;
    if (client !== null) {
      // One that is not connected has nobody to wait for.
      if (this.#isUp) await this.#inTime(client.drain());
      // A server that says nothing never ends a drain, and the client waits for the end of one.
      await Promise.race([client.closed(), client.close()]).catch(() => {});
    }
    await this.#running;
  }

  async #inTime(draining: Promise<void>): Promise<void> {
    const { promise: tooLong, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(DRAIN_MS, resolve);
    await Promise.race([draining.catch(() => {}), tooLong]);
    cancel();
  }

  /** The client connects again by itself; one that has given up is replaced. */
  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const client = await this.#connect();
      if (client === null) {
        await rest(this.#retryMs(), { clock: this.#clock, signal: this.#closing.signal });
        continue;
      }
      if (this.#closing.signal.aborted) {
        await client.close();
        return;
      }
      await this.#follow(client);
    }
  }

  async #connect(): Promise<Client | null> {
    try {
      const { signal: ending } = this.#closing;
      const own = { retryMs: this.#retryMs, ending };
      return await connectClient(toClientOptions({ ...this.#options, ...own }));
    } catch (error) {
      this.#report(messageOf(error));
      return null;
    }
  }

  async #follow(client: Client): Promise<void> {
    this.#client = client;
    for (const wanted of this.#wanted) this.#activate(wanted);
    this.#setUp(true);
    for await (const status of client.status()) {
      if (status.type === "disconnect") this.#setUp(false);
      else if (status.type === "reconnect") this.#setUp(true);
      else if (status.type === "error") this.#report(messageOf(status.error));
    }
    this.#client = null;
    for (const wanted of this.#wanted) wanted.active = null;
    this.#setUp(false);
  }

  #activate(wanted: Wanted): void {
    if (this.#client === null || wanted.active !== null || this.#client.isClosed()) return;
    const { subject, queue, onMessage } = wanted;
    wanted.active = this.#client.subscribe(subject, {
      ...queue !== undefined && { queue },
      callback: (error, message) => {
        if (error !== null) {
          this.#report(messageOf(error));
          return;
        }
        onMessage({
          subject: message.subject,
          data: message.data,
          reply: message.reply || null,
          isUnheard: message.data.length === 0 && message.headers?.code === 503,
        });
      },
    });
  }

  #setUp(isUp: boolean): void {
    if (this.#isUp === isUp) return;
    this.#isUp = isUp;
    const { log, settings } = this.#options;
    if (isUp) {
      this.#failures.clear();
      log.info("NATS is connected", { server: this.#client?.getServer() });
    } else if (!this.#closing.signal.aborted) {
      log.warn("NATS is not connected", { servers: settings.servers.join() });
    }
    for (const listener of this.#listeners) listener(isUp);
  }

  /** What fails again in the same way is not said again, also if there was another failure between. */
  #report(failure: string): void {
    if (this.#failures.has(failure) || this.#closing.signal.aborted) return;
    if (this.#failures.size >= MAX_FAILURES) return;
    this.#failures.add(failure);
    const { log, settings } = this.#options;
    log.warn("NATS cannot be used", { servers: settings.servers.join(), error: failure });
  }

  readonly #retryMs = (): number => RETRY_MS + Math.floor(RETRY_JITTER_MS * this.#random());
}
