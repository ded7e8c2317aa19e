import { shareApprovals } from "../../approvals/shared/store.ts";
import type { ApprovalStore } from "../../approvals/store.ts";
import type { Pause } from "../../base/bursts.ts";
import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time/clock.ts";
import type { LinkOptions } from "../../fleet/link.ts";
import type { SharedOutputs } from "../../outputs/shared/open.ts";
import type { HubNats } from "../nats/open.ts";
import type { Recording } from "../page/recording.ts";
import type { HubState } from "../state.ts";
import { type JoinedHub, joinHubs, type JoinParts } from "./join.ts";
import { openOutputs } from "./outputs.ts";

/** Options of `openSharing()`. */
export interface SharingOptions {
  /** Null: this hub is alone. */
  readonly nats: Pick<HubNats, "id" | "connection"> | null;
  readonly state: () => HubState;
  /** Null: no page shows what this hub remembers. */
  readonly recording: Pick<Recording, "history" | "changes"> | null;
  readonly pause: Pause;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What a hub has in common with others, until it is closed. A hub that is alone has all of it for itself. */
export interface HubSharing {
  readonly outputs: SharedOutputs;
  /** Absent: those of this hub alone. */
  readonly approvals?: ApprovalStore;
  /** Begins to act as one with other hubs; null: there cannot be any. */
  readonly join: (parts: JoinParts) => JoinedHub | null;
  /** A host was probed or called. */
  readonly onState: NonNullable<LinkOptions["onState"]>;
  /** A call has ended. */
  readonly onCall: () => void;
  /** The configuration is another one. */
  readonly onReload: () => void;
  /** Principals are no longer accepted. */
  readonly onGone: (principals: readonly string[]) => void;
  /** Cancels the call of a key, whichever hub runs it; absent: it is this hub's. */
  readonly onCancel?: (key: string) => void;
  readonly close: () => Promise<void>;
}

/** Opens what a hub has in common with others. */
export async function openSharing({ nats, ...options }: SharingOptions): Promise<HubSharing> {
  // A hub without NATS does not load what only this needs.
  const shared = nats &&
    (await import("../../shared/nats/open.ts")).openShared({ ...options, ...nats });
  const outputs = openOutputs({ ...options, shared });
  const approvals = shared &&
    shareApprovals({ table: shared.approvals, peers: shared.peers, now: options.clock.wall });
  let joined: JoinedHub | null = null;
  return {
    outputs,
    ...approvals && { approvals },
    join: (parts) => joined = shared && joinHubs({ ...options, ...parts, shared }),
    onState: (...observed) => joined?.hosts.onState(...observed),
    onCall: () => joined?.calls?.onCall(),
    onReload: () => joined?.calls?.onReload(),
    onGone: (principals) => joined?.calls?.onGone(principals),
    ...shared && { onCancel: (key: string) => joined?.cancel(key) },
    close: async () => {
      await joined?.close();
      approvals?.close();
      await outputs.close();
      await shared?.close();
    },
  };
}
