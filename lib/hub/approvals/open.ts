import type { AuditTrail } from "../../audit/trail.ts";
import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time/clock.ts";
import type { Redact } from "../../base/text/redact.ts";
import { type ApprovalEvent, type ApprovalGate, createApprovalGate } from "../../approvals/gate.ts";
import { createMemoryApprovals } from "../../approvals/memory.ts";
import { ownSocketName, SOCKET_NAME } from "../../approvals/socket/names.ts";
import { type ApprovalSocket, removeKilled, serveApprovals } from "../../approvals/socket/serve.ts";
import type { Approval, ApprovalStore } from "../../approvals/store.ts";
import { findAsked } from "../../fleet/confirm.ts";
import { placeOf, type Registry } from "../../fleet/host.ts";
import { makePrivate } from "../../fleet/ssh/control.ts";
import type { ApprovalCounts } from "../../metrics/hub.ts";
import { asksPersons } from "../../tools/confirm/listed.ts";
import type { ConfirmOptions } from "../../tools/confirm/calls.ts";
import type { PageApprovals } from "../page/approvals.ts";
import { PAGE_CLIENT } from "../page/client.ts";

/** Options of `openApprovals()`. */
export interface ApprovalsOptions {
  readonly registry: () => Registry;
  readonly redact: Redact;
  readonly trail: Pick<AuditTrail, "approval">;
  /** Where the socket can be, in order of preference. */
  readonly directories: readonly string[];
  readonly hasPage: boolean;
  /** Called when others may wait than before. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly log: Pick<Logger, "info" | "error">;
  /** Default: memory. */
  readonly store?: ApprovalStore;
}

/** The calls that wait for a person, and who answers. */
export interface Approvals {
  readonly gate: ApprovalGate;
  /** What the page shows, and may do. */
  readonly page: PageApprovals;
  /** What makes tools ask. */
  readonly confirming: ConfirmOptions;
  readonly counts: ApprovalCounts;
  /** Serves the operator's socket from the moment on that some call needs a person. Never rejects. */
  readonly serveIfNeeded: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The principal with the hub's inbound token: who holds it may answer on the page. */
export function mayAnswer(principal: string): boolean {
  return principal === "default";
}

/** Puts the approvals of a hub together. */
export function openApprovals(options: ApprovalsOptions): Approvals {
  const { registry, redact, trail, clock, hasPage } = options;
  const counted = new Map<string, number>();
  const store = options.store ?? createMemoryApprovals({ now: clock.wall });
  const gate = createApprovalGate({
    store,
    whoIsAsked: (intent) => findAsked(registry().confirm ?? [], intent),
    placeOf: (name) => placeOf(registry().hosts.get(name)),
    redact,
    clock,
    onEvent: (event: ApprovalEvent) => {
      counted.set(event.kind, (counted.get(event.kind) ?? 0) + 1);
      trail.approval(event, redact);
    },
  });
  let waiting: readonly Approval[] = [];
  let listing = Promise.resolve();
  function list(): void {
    listing = listing.then(async () => {
      waiting = await gate.waiting();
      options.onChange();
    }).catch((error) => options.log.error("approvals cannot be listed", { error }));
  }
  gate.watch(list);
  const unwatch = store.watch?.(list);
  const socket = new OperatorSocket(gate, options);
  let serving = Promise.resolve();
  return {
    gate,
    page: { waiting: () => waiting, decide: gate.decide, mayAnswer },
    confirming: {
      gate,
      isInUse: () => asksPersons(registry()),
      isOfPage: ({ client }) => client === PAGE_CLIENT,
      mayAnswer,
      hasPage,
    },
    counts: { counted: () => counted, waiting: async () => (await gate.waiting()).length },
    serveIfNeeded: () =>
      serving = serving.then(async () => {
        if (asksPersons(registry())) await socket.open();
      }),
    close: async () => {
      unwatch?.();
      gate.close();
      await listing;
      await serving;
      await socket.close();
    },
  };
}

/** The socket in the first directory that is, or can be made, the hub's own. */
class OperatorSocket {
  readonly #gate: ApprovalGate;
  readonly #options: ApprovalsOptions;
  #opening: Promise<ApprovalSocket | null> | null = null;

  constructor(gate: ApprovalGate, options: ApprovalsOptions) {
    this.#gate = gate;
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#opening ??= this.#open();
    // The next reload tries again.
    if (await this.#opening === null) this.#opening = null;
  }

  async close(): Promise<void> {
    await (await this.#opening)?.close();
  }

  async #open(): Promise<ApprovalSocket | null> {
    const { directories, hasPage, clock, log } = this.#options;
    const reasons: unknown[] = [];
    for (const directory of directories) {
      const path = `${directory}/${hasPage ? SOCKET_NAME : ownSocketName(Deno.pid)}`;
      try {
        await makePrivate(directory);
      } catch (error) {
        reasons.push(error);
        continue;
      }
      await removeKilled(directory);
      try {
        const socket = await serveApprovals({ path, gate: this.#gate, clock });
        log.info("calls that wait for a person are answered with lmcp-hub --approve", { path });
        return socket;
      } catch (error) {
        // In another directory nobody would search for it.
        reasons.push(error);
        break;
      }
    }
    log.error("approvals cannot be answered with --approve", { reasons });
    return null;
  }
}
