import type { Redact } from "../../base/text/redact.ts";
import type { HostState } from "../../fleet/health.ts";
import type { Host } from "../../fleet/host.ts";
import type { Link } from "../../fleet/link.ts";
import { fromToken, toToken } from "../../nats/subjects.ts";
import type { Table } from "../../shared/table.ts";
import { readHostState, type SharedHostState, writeHostState } from "./host_state.ts";

/** States that are written at once. */
const MAX_WRITES = 32;

/** Options of `shareHosts()`. */
export interface HostSharingOptions {
  readonly table: Table;
  /** Those of the registry, by name. */
  readonly hosts: () => ReadonlyMap<string, Host>;
  readonly linkTo: (host: Host) => Pick<Link, "health">;
  readonly redact: Redact;
}

/** The states of hosts that hubs have found out, until it is closed. */
export interface HostSharing {
  /** A host was probed or called. On the hot path of calls: it costs next to nothing. */
  readonly onState: (host: Host, state: HostState, latencyMs: number | null) => void;
  readonly close: () => Promise<void>;
}

/** Lets all hubs know what one has found out about a host, so that the others need not probe it. */
export function shareHosts(options: HostSharingOptions): HostSharing {
  const { table, hosts, linkTo } = options;
  /** The newest states that came from other hubs, or were given to them. */
  const known = new WeakMap<Host, HostState>();
  /** Whose state is being taken over from another hub. */
  let adopting: Host | null = null;
  const writer = new StateWriter(options);
  const unwatch = table.watch("*", (change) => {
    if (change.kind !== "put") return;
    const name = fromToken(change.entry.key);
    const host = name === null ? undefined : hosts().get(name);
    const shared = host && readHostState(change.entry.value, host);
    if (host === undefined || !shared) return;
    const { state, measuredMs } = shared;
    if (known.get(host)?.checkedAt === state.checkedAt) return;
    known.set(host, state);
    adopting = host;
    try {
      linkTo(host).health.adopt(state, measuredMs);
    } finally {
      adopting = null;
    }
  });

  return {
    onState: (host, state, latencyMs) => {
      const last = known.get(host);
      const isMeasured = !state.up || latencyMs !== null;
      // All hubs hear what agents announce.
      const isNews = isMeasured || state.via !== "nats" && !(last && isSame(last, state));
      // Not by its time: where the other hub's clock is ahead, that is another one here.
      if (!isNews || adopting === host || hosts().get(host.name) !== host) return;
      known.set(host, state);
      writer.put(host, { state, measuredMs: latencyMs });
    },
    close: async () => {
      unwatch();
      await writer.close();
    },
  };
}

/** What calls say of a host that is up is mostly known. */
function isSame(a: HostState, b: HostState): boolean {
  return a.up === b.up && a.via === b.via && a.fallbackReason === b.fallbackReason;
}

/** Writes the newest states, some at once. */
class StateWriter {
  readonly #options: HostSharingOptions;
  readonly #waiting = new Map<Host, SharedHostState>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: HostSharingOptions) {
    this.#options = options;
  }

  put(host: Host, state: SharedHostState): void {
    this.#waiting.set(host, state);
    this.#begin();
  }

  async close(): Promise<void> {
    this.#waiting.clear();
    await Promise.all(this.#running);
  }

  #begin(): void {
    while (this.#running.size < MAX_WRITES) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      this.#waiting.delete(next[0]);
      const writing = this.#write(...next).finally(() => {
        this.#running.delete(writing);
        this.#begin();
      });
      this.#running.add(writing);
    }
  }

  async #write(host: Host, state: SharedHostState): Promise<void> {
    const { table, redact } = this.#options;
    await table.write(toToken(host.name), writeHostState(host, state, redact), null);
  }
}
