import type { Clock } from "../base/time/clock.ts";
import type { Via } from "./transport.ts";

/** What is known of a host from its last probe or call. */
export interface Observation {
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
  /** Why another than the host's first transport worked; absent: it was the first, or none. */
  readonly fallbackReason?: string;
}

/** An observation with its times. */
export interface HostState extends Observation {
  /** Wall clock, milliseconds since 1970. */
  readonly checkedAt: number;
  /** Wall clock; until then the state counts as current. */
  readonly nextProbeAt: number;
}

/** Why a host is DOWN, or is not reached over its first transport; null: it is. */
export function reasonOf({ up, detail, fallbackReason }: Observation): string | null {
  return up ? fallbackReason ?? null : detail;
}

/** How long states count as current, in milliseconds. */
export interface HealthTimes {
  readonly upMs: number;
  readonly downMinMs: number;
  readonly downMaxMs: number;
}

/** Whoever has probed a host goes on to, unless it is so late. */
const OTHERS_LEAD_MS = 3_000;

/** How long a host whose port timed out is not tried over lmcp. */
const BLACK_HOLE_MS = 30_000;

/** What is known of one host, from probes and calls alike. */
export interface Health {
  /** The last known state; null: nothing is known yet. */
  readonly state: () => HostState | null;
  /** Whether the state is old enough to probe again. */
  readonly isDue: () => boolean;
  /** Whether the last probe is that old, calls since then aside: they do not measure latencies. */
  readonly isProbeDue: () => boolean;
  /** Records what a probe has shown, UP or DOWN; returns the new state. */
  readonly record: (observation: Observation) => HostState;
  /**
   * Takes over what another hub has found out, if it is newer than what is known here; `latencyMs` is
   * what it measured then, null: nothing. That hub has a moment to find out more before this one does.
   */
  readonly adopt: (observed: HostState, latencyMs: number | null) => void;
  /** Records that a call has just succeeded, and why it did not go over the first transport; null: it did. */
  readonly recordUp: (via: Via, fallbackReason?: string | null) => void;
  /** Records that an agent, with so many tools, has announced itself over NATS. */
  readonly recordPresence: (toolCount: number) => void;
  /** Records that the lmcp port timed out, or that it was reached. */
  readonly recordPort: (timedOut: boolean) => void;
  /** How long ago the port timed out, in milliseconds; null: long ago or never, so try it. */
  readonly portTimedOutFor: () => number | null;
}

/** Called with each new state of a host; `latencyMs` is what was measured now, null: nothing. */
export type OnHostState = (state: HostState, latencyMs: number | null) => void;

const NOT_MEASURED = { toolCount: null, latencyMs: null };

/** Makes the `Health` of a host of which nothing is known. */
export function createHealth(
  times: HealthTimes,
  clock: Pick<Clock, "now" | "wall">,
  { onState = () => {} }: { readonly onState?: OnHostState } = {},
): Health {
  let state: HostState | null = null;
  let dueAt = -Infinity;
  let probeDueAt = -Infinity;
  let downWaitMs = 0;
  let portTimedOutAt = -Infinity;

  /** A DOWN host is probed again after the first wait, then after twice as long each time. */
  function nextDownWait(): number {
    if (state === null || state.up) return times.downMinMs;
    return Math.min(2 * downWaitMs, times.downMaxMs);
  }

  function save(observation: Observation, latencyMs: number | null): HostState {
    downWaitMs = observation.up ? 0 : nextDownWait();
    const waitMs = observation.up ? times.upMs : downWaitMs;
    const checkedAt = clock.wall();
    state = { ...observation, checkedAt, nextProbeAt: checkedAt + waitMs };
    dueAt = clock.now() + waitMs;
    onState(state, latencyMs);
    return state;
  }

  return {
    state: () => state,
    isDue: () => clock.now() >= dueAt,
    isProbeDue: () => clock.now() >= probeDueAt,
    record: (observation) => {
      const saved = save(observation, observation.latencyMs);
      probeDueAt = dueAt;
      return saved;
    },
    adopt(observed, latencyMs) {
      const now = clock.wall();
      // Another machine's clock may be ahead.
      const checkedAt = Math.min(observed.checkedAt, now);
      if (state !== null && checkedAt <= state.checkedAt) return;
      const longestMs = observed.up ? times.upMs : times.downMaxMs;
      const restMs = Math.min(Math.max(0, observed.nextProbeAt - now), longestMs);
      const waitMs = observed.nextProbeAt - observed.checkedAt;
      downWaitMs = observed.up ? 0 : Math.min(Math.max(times.downMinMs, waitMs), times.downMaxMs);
      state = { ...observed, checkedAt, nextProbeAt: now + restMs };
      dueAt = clock.now() + (restMs === 0 ? 0 : restMs + OTHERS_LEAD_MS);
      if (!observed.up || latencyMs !== null) probeDueAt = dueAt;
      onState(state, latencyMs);
    },
    recordUp(via, fallbackReason = null) {
      const { toolCount, latencyMs } = state?.via === via ? state : NOT_MEASURED;
      const known = { up: true, via, error: null, detail: null, toolCount, latencyMs };
      save(fallbackReason === null ? known : { ...known, fallbackReason }, null);
      if (via === "lmcp") portTimedOutAt = -Infinity;
    },
    recordPresence(toolCount) {
      const latencyMs = state?.via === "nats" ? state.latencyMs : null;
      save({ up: true, via: "nats", error: null, detail: null, toolCount, latencyMs }, null);
      probeDueAt = dueAt;
    },
    recordPort(timedOut) {
      portTimedOutAt = timedOut ? clock.now() : -Infinity;
    },
    portTimedOutFor() {
      const ageMs = clock.now() - portTimedOutAt;
      return ageMs < BLACK_HOLE_MS ? ageMs : null;
    },
  };
}
