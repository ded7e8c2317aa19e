import { Buffer } from "node:buffer";
import type { Pause } from "../../base/bursts.ts";
import type { Logger } from "../../base/log.ts";
import { type Redact, redactInSteps } from "../../base/text/redact.ts";
import { within } from "../../base/time/within.ts";
import type { Table } from "../../shared/table.ts";
import { decode } from "../piece.ts";
import type { Output } from "../shelf.ts";
import type { OwnOutputs } from "../store.ts";
import type { Directory } from "./directory.ts";
import { countPieces, writePieces } from "./pieces.ts";
import { type OutputRecord, pieceKey, writeRecord } from "./record.ts";
import type { Space } from "./space.ts";

/** Options of a `Publisher`. */
export interface PublisherOptions {
  readonly hub: string;
  readonly own: OwnOutputs;
  readonly table: Table;
  readonly directory: Directory;
  readonly space: Space;
  readonly redact: Redact;
  readonly pause: Pause;
  readonly log: Pick<Logger, "error">;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
}

/** One of this hub's ids, and its place in the table. */
export interface OwnId {
  readonly principal: string;
  readonly id: string;
  readonly key: string;
}

const AT_ONCE = Promise.resolve();
/** How long to wait for what others have written before. */
const HEAR_MS = 1_000;
/** What is put there later, at most: as many ids as a hub remembers. The oldest are let go of. */
const MAX_UNSENT = 10_000;
/** How many of those at once: all together would be more than the table can take in time. */
const RETRIES_AT_ONCE = 4;

/** Puts into the table what this hub keeps. What cannot be put there now is put there later. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #underWay = new Map<string, Promise<void>>();
  /** What the table lacks, by key. */
  readonly #unsent = new Map<string, OwnId>();
  #retrying: Promise<void> | null = null;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Puts what is known of an id by now; never rejects. */
  publish(own: OwnId): Promise<void> {
    const before = this.#underWay.get(own.key);
    const report = (error: unknown) =>
      this.#options.log.error("an answer is not shared", { id: own.id, error });
    const publishing = (before ?? AT_ONCE).then(() => this.#send(own)).catch(report).finally(() => {
      if (this.#underWay.get(own.key) === publishing) this.#underWay.delete(own.key);
    });
    this.#underWay.set(own.key, publishing);
    return publishing;
  }

  /** Resolves when nothing of a key is on its way. */
  async settled(key: string): Promise<void> {
    await this.#underWay.get(key);
  }

  /** Resolves when nothing is on its way. */
  async allSettled(): Promise<void> {
    await Promise.all([...this.#underWay.values(), this.#retrying]);
  }

  /** Puts what could not be put before, some at a time. */
  retry(): void {
    this.#retrying ??= this.#retry().finally(() => this.#retrying = null);
  }

  async #retry(): Promise<void> {
    // One iterator for all: each takes the next.
    const unsent = [...this.#unsent.values()].values();
    const putEach = async () => {
      for (const own of unsent) {
        if (this.#unsent.has(own.key) && !this.#underWay.has(own.key)) await this.publish(own);
      }
    };
    await Promise.all(Array.from({ length: RETRIES_AT_ONCE }, putEach));
  }

  async #send(own: OwnId): Promise<void> {
    this.#unsent.delete(own.key);
    const output = this.#options.own.find(own.principal, own.id);
    // Whoever is not known any more gets nothing.
    if (output === null) return;
    if (!await this.#put(own, output)) return this.#remember(own);
    // What failed before may succeed, too, now.
    if (this.#retrying === null) {
      for (const other of this.#unsent.values().take(1)) this.publish(other);
    }
  }

  #remember(own: OwnId): void {
    this.#unsent.set(own.key, own);
    const [oldest] = this.#unsent.keys();
    if (this.#unsent.size > MAX_UNSENT && oldest !== undefined) this.#unsent.delete(oldest);
  }

  async #put(own: OwnId, output: Output): Promise<boolean> {
    const { hub, space, wall } = this.#options;
    const { principal } = own;
    const at = wall();
    switch (output.kind) {
      case "running":
        return await space.makeRoom(principal, { ids: 1, bytes: 0 }) &&
          await this.#record(own, { kind: "running", principal, hub, at });
      case "gone":
        return await this.#record(own, { kind: "gone", principal, at });
      case "ended": {
        using reading = output.read();
        const bytes = await this.#withoutSecrets(reading.bytes);
        const room = { ids: 1, bytes: bytes.length };
        const isWritten = await space.makeRoom(principal, room) &&
          await writePieces(this.#options.table, own.key, bytes);
        if (!isWritten) return false;
        const { isError } = output;
        const size = { bytes: bytes.length, pieces: countPieces(bytes.length) };
        return await this.#record(own, { kind: "ended", principal, isError, ...size, at }) &&
          await this.#isStillThere(own);
      }
    }
  }

  async #record({ key }: OwnId, record: OutputRecord): Promise<boolean> {
    const { table, directory } = this.#options;
    const write = await table.write(key, writeRecord(record), null);
    if (write.kind !== "written") return false;
    directory.put({ key, record, revision: write.revision });
    await this.#keepWithinBounds(record.principal, write.revision);
    return true;
  }

  /** Another hub may have made room at the same moment, of which this one has heard only now. */
  async #keepWithinBounds(principal: string, revision: number): Promise<void> {
    const { directory, space } = this.#options;
    const hasHeard = await within(directory.heard(revision).then(() => true), HEAR_MS);
    if (hasHeard === true) await space.makeRoom(principal, { ids: 0, bytes: 0 });
  }

  /** Its principal may have been forgotten while it was written. */
  async #isStillThere({ principal, id, key }: OwnId): Promise<boolean> {
    const { own, table, directory } = this.#options;
    if (own.find(principal, id) !== null) return true;
    directory.drop(key);
    return await table.remove(key) && await table.remove(pieceKey(key, "*"));
  }

  /** Operators read files as they are: no token of the hub leaves it all the same. */
  async #withoutSecrets(bytes: Uint8Array): Promise<Uint8Array> {
    const { redact, pause } = this.#options;
    const text = decode(bytes);
    const shown = await redactInSteps(text, redact, pause);
    return shown === text ? bytes : Buffer.from(shown);
  }
}
