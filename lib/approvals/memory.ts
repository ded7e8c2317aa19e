import { type Approval, type ApprovalStore, isFull, isOpen, isOpenTo } from "./store.ts";

/** Approvals that were used or denied, of which is only said so. */
const MAX_CLOSED = 256;
/** After how long one that is over is dropped in any case. */
const DROPPED_BY_MS = 60_000;

/** Options of `createMemoryApprovals()`. */
export interface MemoryOptions {
  /** In milliseconds since 1970. */
  readonly now: () => number;
}

/** An `ApprovalStore` of one hub, which ends with it: what was allowed before its restart is not any more. */
export function createMemoryApprovals({ now }: MemoryOptions): ApprovalStore {
  const kept = new Map<string, Approval>();

  function find(id: string): Approval | null {
    const approval = kept.get(id);
    return approval === undefined || approval.expiresAt <= now() ? null : approval;
  }

  const current = () => [...kept.values()].filter(({ expiresAt }) => expiresAt > now());

  function makeRoom(): void {
    for (const approval of kept.values()) {
      // Whoever has asked drops it, and says so.
      const isOver = approval.expiresAt + (isOpen(approval) ? DROPPED_BY_MS : 0) <= now();
      if (isOver) kept.delete(approval.id);
    }
    const closed = [...kept.values()].filter((approval) => !isOpen(approval));
    for (const { id } of closed.slice(0, Math.max(0, closed.length - MAX_CLOSED))) kept.delete(id);
  }

  return {
    put: (request) => {
      makeRoom();
      if (isFull(current(), request.principal)) return Promise.resolve("full");
      kept.set(request.id, { ...request, state: "waiting", decidedBy: null });
      return Promise.resolve("kept");
    },
    list: () => Promise.resolve(current()),
    find: (id) => Promise.resolve(find(id)),
    decide: (id, decision) => {
      const approval = find(id);
      if (approval === null) return Promise.resolve({ kind: "unknown" });
      if (!isOpenTo(decision, approval)) return Promise.resolve({ kind: "before", approval });
      const decided = { ...approval, state: decision.verdict, decidedBy: decision.by };
      kept.set(id, decided);
      return Promise.resolve({ kind: "decided", approval: decided });
    },
    take: (id) => {
      const approval = find(id);
      if (approval?.state !== "allowed") return Promise.resolve(false);
      kept.set(id, { ...approval, state: "used" });
      return Promise.resolve(true);
    },
    drop: (id) => {
      const approval = kept.get(id) ?? null;
      kept.delete(id);
      return Promise.resolve(approval);
    },
  };
}
