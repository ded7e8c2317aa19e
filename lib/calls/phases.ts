/** What a call is doing: waiting for a place, reaching the host, or running there. */
export type Phase = "queue" | "connect" | "run";

/** How long a call spent in each phase, in milliseconds; null: it did not get there. */
export type PhaseTimes = Readonly<Record<Phase, number | null>>;

/** Measures the phases of one call; one that is entered again, for ssh after lmcp, adds up. */
export interface PhaseTimer {
  /** The call begins a phase, which ends the one before. */
  readonly enter: (phase: Phase) => void;
  /** The times up to now. */
  readonly times: () => PhaseTimes;
}

/** Makes a `PhaseTimer`; `now` is monotonic, in milliseconds. */
export function createPhaseTimer(now: () => number): PhaseTimer {
  const times: Record<Phase, number | null> = { queue: null, connect: null, run: null };
  let current: Phase | null = null;
  let since = now();

  function enter(phase: Phase | null): void {
    const at = now();
    if (current !== null) times[current] = (times[current] ?? 0) + at - since;
    current = phase;
    since = at;
  }

  return {
    enter,
    times: () => {
      enter(current);
      return { ...times };
    },
  };
}
