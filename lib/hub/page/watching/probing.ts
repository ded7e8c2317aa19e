import type { Clock } from "../../../base/time/clock.ts";
import type { Logger } from "../../../base/log.ts";
import type { Host } from "../../../fleet/host.ts";
import type { Link } from "../../../fleet/link.ts";

/** How often hosts whose last probes are no longer current are searched for. */
const SEARCH_MS = 1_000;
/** Hosts that are probed at once. */
const MAX_AT_ONCE = 128;

/** Options of `createProbing()`. */
export interface ProbingOptions {
  /** The hosts that somebody watches. */
  readonly hosts: () => Iterable<Host>;
  readonly linkTo: (host: Host) => Pick<Link, "health">;
  readonly probe: (host: Host) => Promise<unknown>;
  /** Called each second. */
  readonly onTick: () => void;
  readonly clock: Pick<Clock, "every">;
  readonly log: Pick<Logger, "error">;
}

/**
 * Probes hosts in the background, as soon as their last probes are no longer current; those of which calls
 * say that they are up as well, since calls measure no latency.
 */
export interface Probing {
  /** Searches for hosts each second, and now. */
  readonly start: () => void;
  /** Begins no more probes. */
  readonly stop: () => void;
}

/** Makes a `Probing` that does not run. */
export function createProbing(options: ProbingOptions): Probing {
  const { hosts, linkTo, probe, onTick, clock, log } = options;
  const underWay = new Set<Host>();
  let due: Host[] = [];
  let stopTicking: (() => void) | null = null;

  function tick(): void {
    due = [...hosts()].filter((host) => !underWay.has(host) && linkTo(host).health.isProbeDue());
    begin();
    onTick();
  }

  function begin(): void {
    while (underWay.size < MAX_AT_ONCE) {
      const host = due.pop();
      if (host === undefined) return;
      underWay.add(host);
      probe(host).finally(() => {
        underWay.delete(host);
        begin();
      }).catch((error) => log.error("probe failed", { host: host.name, error }));
    }
  }

  return {
    start: () => {
      stopTicking ??= clock.every(SEARCH_MS, tick);
      tick();
    },
    stop: () => {
      stopTicking?.();
      stopTicking = null;
      due = [];
    },
  };
}
