import { getOrAdd } from "../base/get_or_add.ts";
import { Distribution } from "./distribution.ts";
import type { FinishedCall } from "../calls/finished.ts";

type Labels = Readonly<Record<string, string>>;

/** What was counted under some labels. */
export interface Labelled<Value> {
  readonly labels: Labels;
  readonly value: Value;
}

/** The calls that have ended since the start. */
export interface CallCounts {
  readonly add: (call: FinishedCall) => void;
  /** How many, by `tool`, `host`, `via` and `outcome`. */
  readonly calls: () => readonly Labelled<number>[];
  /** How long they took, by `tool` and `via`. */
  readonly durations: () => readonly Labelled<Distribution>[];
  /** How long they were in each `phase` that they reached. */
  readonly phases: () => readonly Labelled<Distribution>[];
}

/** The names that become labels: those that callers make up would each be kept for ever. */
export interface KnownNames {
  readonly isTool: (name: string) => boolean;
  readonly isHost: (name: string) => boolean;
}

const PHASES = ["queue", "connect", "run"] as const;

/**
 * Makes a `CallCounts` of no calls. Each call is counted here, in a fraction of the time that the
 * library for metrics takes for it; that writes down what was counted.
 */
export function createCallCounts({ isTool, isHost }: KnownNames): CallCounts {
  const calls = new ByLabels(() => ({ count: 0 }));
  const durations = new ByLabels(() => new Distribution());
  const phases = new ByLabels(() => new Distribution());

  return {
    add: (call) => {
      const tool = isTool(call.tool) ? call.tool : "";
      const host = call.host !== null && isHost(call.host) ? call.host : "";
      const via = call.via ?? "";
      calls.at({ tool, host, via, outcome: call.outcome }).count++;
      durations.at({ tool, via }).add(call.durationMs / 1000);
      for (const phase of PHASES) {
        const ms = call.phases[phase];
        if (ms !== null) phases.at({ phase }).add(ms / 1000);
      }
    },
    calls: () => calls.all().map(({ labels, value }) => ({ labels, value: value.count })),
    durations: () => durations.all(),
    phases: () => phases.all(),
  };
}

/** A value for each set of labels that came up. */
class ByLabels<Value> {
  readonly #make: () => Value;
  readonly #known = new Map<string, Labelled<Value>>();

  constructor(make: () => Value) {
    this.#make = make;
  }

  at(labels: Labels): Value {
    const key = Object.values(labels).join(" ");
    return getOrAdd(this.#known, key, () => ({ labels, value: this.#make() })).value;
  }

  all(): readonly Labelled<Value>[] {
    return [...this.#known.values()];
  }
}
