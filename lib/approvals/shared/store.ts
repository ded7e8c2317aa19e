import type { Peers } from "../../shared/peers.ts";
import type { Change, Table } from "../../shared/table.ts";
import { createMemoryApprovals } from "../memory.ts";
import { isApprovalId } from "../new_id.ts";
import { type Approval, type ApprovalStore, isFull, isOpenTo } from "../store.ts";
import { type ApprovalRecord, readApproval, writeApproval } from "./record.ts";

/** Others may change an approval between a read and a write; none changes more often. */
const MAX_ATTEMPTS = 8;

/** Options of `shareApprovals()`. */
export interface SharedApprovalsOptions {
  readonly table: Table;
  readonly peers: Pick<Peers, "isUp">;
  /** In milliseconds since 1970. */
  readonly now: () => number;
}

/** The approvals of all hubs, until it is closed. */
export interface SharedApprovals extends ApprovalStore {
  readonly close: () => void;
}

/**
 * An `ApprovalStore` of several hubs: what one asks, another may allow, and a third use, once. One that
 * is asked while the others cannot be reached is this hub's alone; what cannot be looked up is not there,
 * so that nothing runs without an approval.
 */
export function shareApprovals(options: SharedApprovalsOptions): SharedApprovals {
  const shared = new TableApprovals(options);
  const own = createMemoryApprovals(options);
  const storeOf = async (id: string) => await own.find(id) === null ? shared : own;
  return {
    put: (request) => options.peers.isUp() ? shared.put(request) : own.put(request),
    list: async () => [...await own.list(), ...shared.list()].sort(byTime),
    find: async (id) => await (await storeOf(id)).find(id),
    decide: async (id, decision) => await (await storeOf(id)).decide(id, decision),
    take: async (id) => await (await storeOf(id)).take(id),
    drop: async (id) => await own.drop(id) ?? await shared.drop(id),
    watch: (listener) => shared.watch(listener),
    close: () => shared.close(),
  };
}

function byTime(a: Approval, b: Approval): number {
  return a.askedAt - b.askedAt;
}

/** An approval as it is in the table. */
interface Found {
  readonly approval: Approval;
  readonly revision: number;
}

class TableApprovals {
  readonly #options: SharedApprovalsOptions;
  readonly #known = new Map<string, Found>();
  readonly #listeners = new Set<() => void>();
  readonly #unwatch: () => void;

  constructor(options: SharedApprovalsOptions) {
    this.#options = options;
    this.#unwatch = options.table.watch("*", (change) => this.#follow(change));
  }

  put: ApprovalStore["put"] = async (request) => {
    if (isFull(this.list(), request.principal)) return "full";
    const approval: Approval = { ...request, state: "waiting", decidedBy: null };
    return await this.#write(approval, 0) ? "kept" : "lost";
  };

  list(): readonly Approval[] {
    for (const { approval } of this.#known.values()) {
      if (this.#isOver(approval)) this.#known.delete(approval.id);
    }
    return [...this.#known.values()].map(({ approval }) => approval);
  }

  find: ApprovalStore["find"] = async (id) => (await this.#read(id))?.approval ?? null;

  decide: ApprovalStore["decide"] = async (id, decision) => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const found = await this.#read(id);
      if (found === null) break;
      const { approval } = found;
      if (!isOpenTo(decision, approval)) return { kind: "before", approval };
      const decided = { ...approval, state: decision.verdict, decidedBy: decision.by };
      const isWritten = await this.#write(decided, found.revision);
      if (isWritten) return { kind: "decided", approval: decided };
    }
    return { kind: "unknown" };
  };

  take: ApprovalStore["take"] = async (id) => {
    const found = await this.#read(id);
    if (found?.approval.state !== "allowed") return false;
    // Only one writes over what all have read.
    return await this.#write({ ...found.approval, state: "used" }, found.revision);
  };

  drop: ApprovalStore["drop"] = async (id) => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const found = await this.#read(id, { isOverToo: true });
      if (found === null) return null;
      if (!await this.#write({ ...found.approval, state: "dropped" }, found.revision)) continue;
      await this.#options.table.remove(id);
      return found.approval;
    }
    return null;
  };

  watch(listener: () => void): () => void {
    const own = () => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  close(): void {
    this.#unwatch();
  }

  #isOver({ expiresAt }: ApprovalRecord): boolean {
    return expiresAt <= this.#options.now();
  }

  async #read(id: string, { isOverToo = false } = {}): Promise<Found | null> {
    if (!isApprovalId(id)) return null;
    const read = await this.#options.table.read(id);
    if (read.kind !== "entry") return null;
    const { value, revision } = read.entry;
    const approval = toApproval(readApproval(id, value));
    return approval === null || this.#isOver(approval) && !isOverToo
      ? null
      : { approval, revision };
  }

  /** False: another one is there than was expected, or it is not known whether it was written. */
  async #write(record: ApprovalRecord, expected: number): Promise<boolean> {
    const { id } = record;
    const write = await this.#options.table.write(id, writeApproval(record), expected);
    if (write.kind === "written") this.#learn(id, record, write.revision);
    return write.kind === "written";
  }

  #learn(id: string, record: ApprovalRecord | null, revision: number): void {
    const known = this.#known.get(id);
    if (known !== undefined && known.revision >= revision) return;
    const approval = toApproval(record);
    if (approval === null) this.#known.delete(id);
    else this.#known.set(id, { approval, revision });
  }

  #follow(change: Change): void {
    if (change.kind === "put") {
      const { key, value, revision } = change.entry;
      this.#learn(key, readApproval(key, value), revision);
    } else if (change.kind === "removed") this.#known.delete(change.key);
    else for (const id of this.#known.keys()) if (!change.keys.has(id)) this.#known.delete(id);
    for (const listener of this.#listeners) listener();
  }
}

/** Null: there is none, or none any more. */
function toApproval(record: ApprovalRecord | null): Approval | null {
  if (record === null) return null;
  const { state, ...rest } = record;
  return state === "dropped" ? null : { ...rest, state };
}
