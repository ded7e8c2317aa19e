import type { Host } from "./host.ts";

/** The transports of a host. */
export type Via = "lmcp" | "ssh";

/** What was last seen of a host. */
export interface Sighting {
  readonly up: boolean;
  /** The transport that worked; null while DOWN. */
  readonly via: Via | null;
  /** Why it is DOWN, in the Lua hub's words, such as `lmcp: timeout; ssh: rc=255`; null while UP. */
  readonly error: string | null;
  /** The same with what ssh said instead of its exit code. */
  readonly detail: string | null;
  /** Number of tools the backend offers; null where it was not asked. */
  readonly toolCount: number | null;
  /** How long the answer took, in milliseconds; null while DOWN. */
  readonly latencyMs: number | null;
}

/** A sighting with its times. */
export interface HostState extends Sighting {
  /** Wall clock, milliseconds since 1970. */
  readonly checkedAt: number;
  /** Wall clock; until then the state is believed. */
  readonly nextProbeAt: number;
}

/** How long states are believed, in milliseconds. */
export interface HealthTimes {
  readonly upMs: number;
  readonly downMinMs: number;
  readonly downMaxMs: number;
}

/** How long a host whose port timed out is not tried over lmcp. */
const BLACK_HOLE_MS = 30_000;

/** What is known of every host, learnt from probes and calls alike. */
export interface Health {
  /** The last known state; null: never seen. */
  readonly stateOf: (host: Host) => HostState | null;
  /** Whether the state is old enough to look again. */
  readonly isDue: (host: Host) => boolean;
  /** Records what a probe has seen; gives the new state. */
  readonly record: (host: Host, sighting: Sighting) => HostState;
  /** Records that a call has just succeeded. */
  readonly recordUp: (host: Host, via: Via) => void;
  /** Records that the host's lmcp port timed out, or that it was reached. */
  readonly recordPort: (host: Host, timedOut: boolean) => void;
  /** How long ago the port timed out, in milliseconds; null: long ago or never, so try it. */
  readonly portTimedOutFor: (host: Host) => number | null;
}

/** Clocks: `monotonic` for intervals, `wall` for what is shown; milliseconds. */
export interface Clocks {
  readonly monotonic: () => number;
  readonly wall: () => number;
}

const NOT_MEASURED = { toolCount: null, latencyMs: null };

interface Entry {
  readonly state: HostState;
  readonly dueAt: number;
  readonly downWaitMs: number;
}

/** Makes an empty memory. Hosts are told apart by object: one that was changed starts anew. */
export function createHealth(times: HealthTimes, clocks: Clocks): Health {
  const entries = new WeakMap<Host, Entry>();
  const portTimedOutAt = new WeakMap<Host, number>();

  /** A DOWN host is looked at after the first wait, then after twice as long each time. */
  function nextDownWait(previous: Entry | undefined): number {
    if (previous === undefined || previous.state.up) return times.downMinMs;
    return Math.min(2 * previous.downWaitMs, times.downMaxMs);
  }

  function record(host: Host, sighting: Sighting): HostState {
    const downWaitMs = sighting.up ? 0 : nextDownWait(entries.get(host));
    const waitMs = sighting.up ? times.upMs : downWaitMs;
    const checkedAt = clocks.wall();
    const state = { ...sighting, checkedAt, nextProbeAt: checkedAt + waitMs };
    entries.set(host, { state, dueAt: clocks.monotonic() + waitMs, downWaitMs });
    return state;
  }

  return {
    stateOf: (host) => entries.get(host)?.state ?? null,
    isDue: (host) => clocks.monotonic() >= (entries.get(host)?.dueAt ?? -Infinity),
    record,
    recordUp: (host, via) => {
      const known = entries.get(host)?.state;
      const { toolCount, latencyMs } = known?.via === via ? known : NOT_MEASURED;
      record(host, { up: true, via, error: null, detail: null, toolCount, latencyMs });
      if (via === "lmcp") portTimedOutAt.delete(host);
    },
    recordPort: (host, timedOut) => {
      if (timedOut) portTimedOutAt.set(host, clocks.monotonic());
      else portTimedOutAt.delete(host);
    },
    portTimedOutFor: (host) => {
      const at = portTimedOutAt.get(host);
      const ageMs = at === undefined ? Infinity : clocks.monotonic() - at;
      return ageMs < BLACK_HOLE_MS ? ageMs : null;
    },
  };
}
