import type { FinishedCall } from "./finished_call.ts";

/** Calls that are counted in one go: one at a time takes three times as long. */
const MAX_UNCOUNTED = 100;

/** What is counted of a call that has ended. */
export interface Observation extends Pick<FinishedCall, "durationMs" | "phases"> {
  readonly labels: Readonly<Record<"tool" | "host" | "via" | "outcome", string>>;
}

/** The calls that have ended since they were last counted. */
export interface Tally {
  readonly add: (call: FinishedCall) => void;
  /** Gives what was added since the last time. */
  readonly take: () => readonly Observation[];
}

/** What `createTally()` needs. */
export interface TallyOptions {
  /** Names of the hub's tools and of its hosts: no other becomes a label. */
  readonly isTool: (name: string) => boolean;
  readonly isHost: (name: string) => boolean;
  /** Told at every hundredth call that has not been taken. */
  readonly onFull: () => void;
}

/** Makes an empty `Tally`. */
export function createTally({ isTool, isHost, onFull }: TallyOptions): Tally {
  let uncounted: Observation[] = [];
  return {
    add: ({ tool, host, via, outcome, durationMs, phases }) => {
      // Names that callers make up are no labels: each would be kept for ever.
      const labels = {
        tool: isTool(tool) ? tool : "",
        host: host !== null && isHost(host) ? host : "",
        via: via ?? "",
        outcome,
      };
      uncounted.push({ labels, durationMs, phases });
      if (uncounted.length % MAX_UNCOUNTED === 0) onFull();
    },
    take: () => {
      const taken = uncounted;
      uncounted = [];
      return taken;
    },
  };
}
