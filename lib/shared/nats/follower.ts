import type { KV } from "@nats-io/kv";
import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time/clock.ts";
import type { NatsConnection } from "../../nats/connection.ts";
import type { Table } from "../table.ts";
import { toEntry } from "./entry.ts";

/** Between two attempts to watch what cannot be reached: the first time, and at most. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

/** Options of following a bucket. */
export interface FollowerOptions {
  readonly connection: NatsConnection;
  /** Null: it cannot be reached now. */
  readonly open: () => Promise<KV | null>;
  /** What was opened cannot be used: its server may have lost it. */
  readonly onFailure: (error: unknown) => void;
  readonly clock: Pick<Clock, "after">;
  readonly log: Pick<Logger, "debug">;
}

/** Those who watch a bucket. */
export interface Follower {
  readonly watch: Table["watch"];
  readonly close: () => Promise<void>;
}

type Listener = Parameters<Table["watch"]>[1];
type Watching = Awaited<ReturnType<KV["watch"]>>;

/** Watches a bucket from its beginning, and again whenever the connection was lost. */
export function createFollower(options: FollowerOptions): Follower {
  const running = new Map<FilterWatch, Promise<void>>();

  return {
    watch: (filter, listener) => {
      const watch = new FilterWatch(options, { filter, listener });
      running.set(watch, watch.run().finally(() => running.delete(watch)));
      return () => watch.end();
    },
    close: async () => {
      for (const watch of running.keys()) watch.end();
      await Promise.all(running.values());
    },
  };
}

class FilterWatch {
  readonly #options: FollowerOptions;
  readonly #filter: string;
  readonly #listener: Listener;
  #isEnded = false;
  /** How often what is watched had to be watched again. */
  #interrupts = 0;
  #watching: Watching | null = null;
  #wake: () => void = () => {};
  #restMs = RETRY_MS;

  constructor(
    options: FollowerOptions,
    { filter, listener }: { readonly filter: string; readonly listener: Listener },
  ) {
    this.#options = options;
    this.#filter = filter;
    this.#listener = listener;
  }

  async run(): Promise<void> {
    const { connection, open, onFailure, log } = this.#options;
    // A server that was restarted has forgotten who watches.
    const unwatch = connection.watch(() => {
      this.#restMs = RETRY_MS;
      this.#interrupt();
    });
    while (!this.#isEnded) {
      try {
        const kv = await open();
        if (kv === null) await this.#rest();
        else await this.#follow(kv);
      } catch (error) {
        log.debug("a watch of what hubs share was lost", { error });
        onFailure(error);
        await this.#rest();
      }
    }
    unwatch();
  }

  end(): void {
    this.#isEnded = true;
    this.#interrupt();
  }

  #interrupt(): void {
    this.#interrupts++;
    this.#watching?.stop();
    this.#wake();
  }

  async #follow(kv: KV): Promise<void> {
    const interrupts = this.#interrupts;
    const { values } = await kv.status();
    if (this.#isEnded) return;
    const watching = this.#watching = await kv.watch({ key: this.#filter });
    this.#restMs = RETRY_MS;
    // While it began there was nothing to stop.
    if (interrupts !== this.#interrupts) watching.stop();
    let keys: Set<string> | null = new Set();
    if (values === 0) {
      this.#listener({ kind: "complete", keys });
      keys = null;
    }
    for await (const found of watching) {
      if (this.#isEnded) break;
      const { key, isUpdate } = found;
      const entry = toEntry(found);
      this.#listener(entry === null ? { kind: "removed", key } : { kind: "put", entry });
      if (keys === null) continue;
      keys.add(key);
      if (!isUpdate) continue;
      this.#listener({ kind: "complete", keys });
      keys = null;
    }
    this.#watching = null;
  }

  async #rest(): Promise<void> {
    if (this.#isEnded) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(this.#restMs, resolve);
    this.#restMs = Math.min(2 * this.#restMs, MAX_RETRY_MS);
    this.#wake = resolve;
    await promise;
    cancel();
  }
}
