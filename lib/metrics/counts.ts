import { getOrAdd } from "../base/get_or_add.ts";
import { Distribution } from "./distribution.ts";
import { type CallRecord, type Delivery, hostOf } from "../calls/record.ts";

type Labels = Readonly<Record<string, string>>;

/** What was counted under some labels. */
export interface Labelled<Value> {
  readonly labels: Labels;
  readonly value: Value;
}

/** The calls that have ended since the start. */
export interface CallCounts {
  readonly add: (call: CallRecord) => void;
  /** How many, by `tool`, `host`, `via` and `outcome`; one to several hosts counts for each. */
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
      const { deliveries, outcome } = call;
      const tool = isTool(call.tool) ? call.tool : "";
      const hostLabel = (name: string | null) => name !== null && isHost(name) ? name : "";
      durations.at({ tool, via: viaOf(deliveries) }).add(call.durationMs / 1000);
      if (deliveries.length === 0) {
        calls.at({ tool, host: hostLabel(hostOf(call)), via: "", outcome }).count++;
      }
      for (const delivery of deliveries) {
        const host = hostLabel(delivery.host);
        const via = delivery.via ?? "";
        const ended = outcome === "bug" ? outcome : delivery.outcome;
        calls.at({ tool, host, via, outcome: ended }).count++;
        for (const phase of PHASES) {
          const ms = delivery.phases[phase];
          if (ms !== null) phases.at({ phase }).add(ms / 1000);
        }
      }
    },
    calls: () => calls.all().map(({ labels, value }) => ({ labels, value: value.count })),
    durations: () => durations.all(),
    phases: () => phases.all(),
  };
}

/** The transport of all deliveries; empty: they differ, or there is none. */
function viaOf(deliveries: readonly Delivery[]): string {
  const via = deliveries[0]?.via ?? "";
  return deliveries.every((delivery) => (delivery.via ?? "") === via) ? via : "";
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
