import type { Pause } from "../../base/bursts.ts";
import type { Logger } from "../../base/log.ts";
import type { Redact } from "../../base/text/redact.ts";
import type { Clock } from "../../base/time/clock.ts";
import { within } from "../../base/time/within.ts";
import type { Claimant } from "../../calls/claimant.ts";
import type { SharedState } from "../../shared/state.ts";
import { decode } from "../piece.ts";
import type { FoundOutput } from "../shelf.ts";
import type { Outputs, OwnOutputs } from "../store.ts";
import { Directory } from "./directory.ts";
import { askElsewhere, serveRunning } from "./elsewhere.ts";
import { readPieces } from "./pieces.ts";
import { Publisher } from "./publisher.ts";
import { type OutputRecord, ownerIn, readRecord, recordKey } from "./record.ts";
import { Space, type SpaceBounds } from "./space.ts";

/** Letters of an id, so that hubs do not make the same. */
export const SHARED_ID_LETTERS = 9;

/** How long an answer waits until other hubs can find it. */
const SHARE_MS = 1_000;
/** How long a hub that stops waits for that. */
const CLOSE_MS = 2_000;

/** What is older than a day is dropped at once. */
const MAX_ADOPTED_MS = 23 * 60 * 60 * 1_000;

const BOUNDS: SpaceBounds = {
  maxBytes: 64 * 1024 * 1024,
  maxIds: 10_000,
  maxAgeMs: 24 * 60 * 60 * 1_000,
};

/** Options of `shareOutputs()`. */
export interface SharingOptions extends Partial<SpaceBounds> {
  /** What this hub keeps by itself. */
  readonly own: OwnOutputs;
  readonly shared: Pick<SharedState, "peers" | "outputs">;
  /**
   * What is known of a principal to all hubs: another one when its rights are others, so that it finds
   * nothing of what it could read before. One token; null: it is not known any more.
   */
  readonly ownerOf: (principal: string) => string | null;
  readonly claimantOf: (principal: string) => Claimant;
  /** Hides all that no other hub needs to know. */
  readonly redact: Redact;
  readonly pause: Pause;
  readonly clock: Pick<Clock, "now" | "wall" | "after">;
  readonly log: Pick<Logger, "error">;
}

/** The answers of all hubs, until it is closed. */
export interface SharedOutputs extends Outputs {
  readonly close: () => Promise<void>;
}

/** Lets other hubs find what this one keeps, and this one what they keep. */
export function shareOutputs(options: SharingOptions): SharedOutputs {
  const sharing = new Sharing(options);
  return {
    keep: (principal, text, result) => sharing.keep(principal, text, result),
    begin: (principal, call) => sharing.begin(principal, call),
    find: (principal, id) => sharing.find(principal, id),
    forget: (principals) => sharing.forget(principals),
    close: () => sharing.close(),
  };
}

class Sharing {
  readonly #options: SharingOptions;
  readonly #directory: Directory;
  readonly #space: Space;
  readonly #publisher: Publisher;
  readonly #closing = new AbortController();
  readonly #endings: readonly (() => void)[];
  /** One answer at a time is fetched: they can be long. */
  #fetching: Promise<unknown> = Promise.resolve();

  constructor(options: SharingOptions) {
    const { own, shared: { peers, outputs: table }, clock: { wall } } = this.#options = options;
    const directory = this.#directory = new Directory(table);
    const space = this.#space = new Space({ ...BOUNDS, ...options, table, directory, wall });
    this.#publisher = new Publisher({ ...options, hub: peers.id, table, directory, space, wall });
    this.#endings = [
      serveRunning({
        ...options,
        peers,
        own,
        settled: async (principal, id) => {
          const key = this.#keyOf(principal, id);
          if (key !== null) await this.#publisher.settled(key);
        },
        signal: this.#closing.signal,
      }),
      peers.watch(() => {
        if (peers.isUp()) this.#publisher.retry();
      }),
    ];
  }

  async keep(...[principal, text, result]: Parameters<Outputs["keep"]>): Promise<string | null> {
    const id = this.#options.own.keep(principal, text, result);
    if (id !== null) await this.#publish(principal, id);
    return id;
  }

  begin(...[principal, call]: Parameters<Outputs["begin"]>): ReturnType<Outputs["begin"]> {
    const { id, finish } = this.#options.own.begin(principal, call);
    return {
      id,
      isShared: this.#publish(principal, id),
      finish: (text, result) => {
        finish(text, result);
        this.#publish(principal, id);
      },
    };
  }

  async find(principal: string, id: string): Promise<FoundOutput | null> {
    const own = this.#options.own.find(principal, id);
    // What has gone here can be there.
    if (own !== null && own.kind !== "gone") return own;
    const key = this.#keyOf(principal, id);
    if (key === null) return own;
    const read = await this.#options.shared.outputs.read(key);
    if (read.kind === "away") return own ?? { kind: "out of reach" };
    const record = read.kind === "entry" ? readRecord(read.entry.value) : null;
    return record === null ? own : await this.#follow(record, { principal, id, key });
  }

  forget(principals: readonly string[]): void {
    const { own, ownerOf } = this.#options;
    own.forget(principals);
    for (const known of this.#directory.list()) {
      const { principal } = known.record;
      if (!principals.includes(principal) || ownerIn(known.key) === ownerOf(principal)) continue;
      this.#space.forget(known);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const end of this.#endings) end();
    await within(this.#publisher.allSettled(), CLOSE_MS);
    this.#directory.close();
  }

  #keyOf(principal: string, id: string): string | null {
    const owner = this.#options.ownerOf(principal);
    return owner === null ? null : recordKey(owner, id);
  }

  /** Waits a moment until others can find it, if there are any. */
  async #publish(principal: string, id: string): Promise<void> {
    const { shared: { peers } } = this.#options;
    const key = this.#keyOf(principal, id);
    if (key === null) return;
    const publishing = this.#publisher.publish({ principal, id, key });
    if (peers.others().length > 0) await within(publishing, SHARE_MS);
  }

  async #follow(record: OutputRecord, place: Place): Promise<FoundOutput | null> {
    switch (record.kind) {
      case "gone":
        return record;
      case "ended":
        return await this.#fetch(record, place);
      case "running":
        return await this.#ask(record.hub, place);
    }
  }

  async #ask(hub: string, { principal, id, key }: Place): Promise<FoundOutput | null> {
    const { shared: { peers, outputs }, clock } = this.#options;
    if (hub === peers.id) return null;
    const said = await askElsewhere({ hub, principal, id }, { peers, clock });
    if (said.kind === "running") return said;
    // It may have ended since.
    const read = await outputs.read(key);
    const record = read.kind === "entry" ? readRecord(read.entry.value) : null;
    if (record !== null && record.kind !== "running") {
      return await this.#follow(record, { principal, id, key });
    }
    if (said.kind === "unknown") return null;
    return said.kind === "lost" ? said : { kind: "out of reach" };
  }

  /** Whoever reads an answer in parts fetches it once: then it is kept here, too. */
  #fetch(record: OutputRecord & { readonly kind: "ended" }, place: Place): Promise<FoundOutput> {
    const fetching = this.#fetching.then(() => this.#fetchInTurn(record, place));
    this.#fetching = fetching.catch(() => {});
    return fetching;
  }

  async #fetchInTurn(
    record: OutputRecord & { readonly kind: "ended" },
    { principal, id, key }: Place,
  ): Promise<FoundOutput> {
    const { own, clock, shared: { outputs } } = this.#options;
    const known = own.find(principal, id);
    if (known?.kind === "ended") return known;
    const share = this.#space.shareOfBytes(principal);
    const bytes = record.bytes > share ? null : await readPieces(outputs, key, record.bytes);
    if (bytes === "away") return { kind: "out of reach" };
    if (bytes === null) return { kind: "gone" };
    // Its rights may have become others meanwhile.
    if (this.#keyOf(principal, id) !== key) return { kind: "gone" };
    const ageMs = Math.max(0, Math.min(clock.wall() - record.at, MAX_ADOPTED_MS));
    return own.adopt(principal, id, { text: decode(bytes), isError: record.isError, ageMs });
  }
}

interface Place {
  readonly principal: string;
  readonly id: string;
  readonly key: string;
}
