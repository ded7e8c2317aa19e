import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import type { Logger } from "../../base/log.ts";
import { messageOf } from "../../base/text/error_text.ts";
import type { Clock } from "../../base/time/clock.ts";
import type { NatsConnection } from "../../nats/connection.ts";
import type { Read, Table, Write } from "../table.ts";
import { toEntry } from "./entry.ts";
import { createFollower } from "./follower.ts";

/** How a bucket is made where there is none of its name. */
export interface BucketBounds {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

/** Options of a bucket. */
export interface BucketOptions extends BucketBounds {
  readonly name: string;
  readonly connection: NatsConnection;
  readonly clock: Pick<Clock, "after">;
  readonly log: Pick<Logger, "warn" | "debug">;
}

/** A table that can be closed. */
export interface Bucket extends Table {
  readonly close: () => Promise<void>;
}

type Client = NonNullable<ReturnType<NatsConnection["client"]>>;

interface Opened {
  readonly client: Client;
  readonly kv: KV;
}

/** A table in a bucket of JetStream's key-value store, which is made when it is first used. */
export function openBucket(options: BucketOptions): Bucket {
  const bucket = new KvBucket(options);
  const follower = createFollower({
    ...options,
    open: () => bucket.open(),
    onFailure: (error) => bucket.lose(error),
  });
  return {
    read: (key) => bucket.read(key),
    write: (key, value, expected) => bucket.write(key, value, expected),
    remove: (filter) => bucket.remove(filter),
    watch: follower.watch,
    close: follower.close,
  };
}

class KvBucket {
  readonly #options: BucketOptions;
  #opened: Opened | null = null;
  #opening: Promise<Opened | null> | null = null;
  #failure: string | null = null;

  constructor(options: BucketOptions) {
    this.#options = options;
  }

  /** Null: it cannot be reached now. */
  async open(): Promise<KV | null> {
    return (await this.#open())?.kv ?? null;
  }

  /** What was opened cannot be used. */
  lose(error: unknown): void {
    if (this.#opened !== null) this.#lose(this.#opened, error);
  }

  async read(key: string): Promise<Read> {
    const opened = await this.#open();
    if (opened === null) return AWAY;
    try {
      const found = await opened.kv.get(key);
      const entry = found && toEntry(found);
      return entry === null ? { kind: "none" } : { kind: "entry", entry };
    } catch (error) {
      return this.#lose(opened, error);
    }
  }

  async write(key: string, value: Uint8Array, expected: number | null): Promise<Write> {
    const opened = await this.#open();
    if (opened === null) return AWAY;
    try {
      const revision = await opened.kv.put(
        key,
        value,
        expected === null ? {} : { previousSeq: expected },
      );
      // One that is full can be opened all the same.
      this.#failure = null;
      return { kind: "written", revision };
    } catch (error) {
      return isConflict(error) ? { kind: "conflict" } : this.#lose(opened, error);
    }
  }

  async remove(filter: string): Promise<boolean> {
    const opened = await this.#open();
    if (opened === null) return false;
    const { name } = this.#options;
    try {
      const manager = await jetstreamManager(opened.client, { checkAPI: false });
      await manager.streams.purge(`KV_${name}`, { filter: `$KV.${name}.${filter}` });
      return true;
    } catch (error) {
      this.#lose(opened, error);
      return false;
    }
  }

  #open(): Promise<Opened | null> {
    const { connection } = this.#options;
    const client = connection.client();
    if (client === null || !connection.isUp()) return Promise.resolve(null);
    if (this.#opened?.client === client) return Promise.resolve(this.#opened);
    return this.#opening ??= this.#make(client).finally(() => this.#opening = null);
  }

  async #make(client: Client): Promise<Opened | null> {
    const { name, maxAgeMs, maxBytes } = this.#options;
    try {
      const kv = await new Kvm(client).create(name, {
        ttl: maxAgeMs,
        max_bytes: maxBytes,
        // A replica may not have what was written just now.
        allow_direct: false,
      });
      return this.#opened = { client, kv };
    } catch (error) {
      this.#report(error);
      return null;
    }
  }

  /** It may be gone, and is opened, or made, once more when it is used next. */
  #lose(opened: Opened, error: unknown): typeof AWAY {
    if (this.#opened === opened) this.#opened = null;
    this.#report(error);
    return AWAY;
  }

  /** What fails again in the same way is not said again. */
  #report(error: unknown): void {
    const { log, name, connection } = this.#options;
    const failure = messageOf(error);
    if (failure === this.#failure || !connection.isUp()) return;
    this.#failure = failure;
    log.warn("what hubs share cannot be reached", { bucket: name, error: failure });
  }
}

const AWAY = { kind: "away" } as const;

function isConflict(error: unknown): boolean {
  return error instanceof JetStreamApiError &&
    (error.code === JetStreamApiCodes.StreamWrongLastSequence ||
      error.code === JetStreamApiCodes.StreamWrongLastSequenceUnknown);
}
