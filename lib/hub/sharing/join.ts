import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time/clock.ts";
import type { Host } from "../../fleet/host.ts";
import type { Link } from "../../fleet/link.ts";
import type { McpServer } from "../../mcp/server.ts";
import type { SharedState } from "../../shared/state.ts";
import type { Recording } from "../page/recording.ts";
import type { HubState } from "../state.ts";
import { type CallSharing, shareCalls } from "./calls/share.ts";
import { cancelAnywhere, serveCancels } from "./cancel.ts";
import { type HostSharing, shareHosts } from "./hosts.ts";

/** The parts of a hub that act as one with those of others. */
export interface JoinParts {
  /** The calls that it runs. */
  readonly running: McpServer["calls"];
  readonly linkTo: (host: Host) => Pick<Link, "health">;
}

/** Options of acting as one with other hubs. */
export interface JoinOptions extends JoinParts {
  readonly shared: SharedState;
  readonly state: () => HubState;
  /** Null: no page shows what this hub remembers. */
  readonly recording: Pick<Recording, "history" | "changes"> | null;
  readonly clock: Pick<Clock, "wall" | "after">;
  readonly log: Pick<Logger, "error">;
}

/** A hub among others, until it is closed. */
export interface JoinedHub {
  readonly hosts: HostSharing;
  /** Null: no page shows them. */
  readonly calls: CallSharing | null;
  /** Cancels the call of a key, whichever hub runs it. */
  readonly cancel: (key: string) => void;
  readonly close: () => Promise<void>;
}

/** Begins to act as one with other hubs. */
export function joinHubs(options: JoinOptions): JoinedHub {
  const { shared, state, recording, running, log } = options;
  const { peers } = shared;
  const redact = (text: string) => state().redactRecord(text);
  const hosts = shareHosts({
    ...options,
    table: shared.hosts,
    hosts: () => state().configuration.registry.hosts,
    redact,
  });
  const calls = recording && shareCalls({
    ...options,
    own: running,
    history: recording.history,
    clients: () => state().accepted.clients.keys(),
    redact,
    onChange: recording.changes.mark,
  });
  const cancels = { peers, calls: running };
  const endCancels = serveCancels(cancels);
  return {
    hosts,
    calls,
    cancel: (key) => {
      cancelAnywhere(key, cancels).catch((error) =>
        log.error("a call was not cancelled", { error })
      );
    },
    close: async () => {
      endCancels();
      await calls?.close();
      await hosts.close();
    },
  };
}
