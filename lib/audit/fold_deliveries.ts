import type { Delivery } from "../calls/record.ts";
import type { Phase } from "../calls/phases.ts";
import { foldNames } from "../targets/fold_names.ts";

/** Deliveries that are written one by one. */
export const MOST_DELIVERIES = 32;
/** Groups that still differ by their reasons. */
const MOST_GROUPS = 64;

/** Deliveries with the same outcome: what they have in common, and the longest of their times. */
export interface FoldedDelivery {
  readonly delivery: Omit<Delivery, "host">;
  /** The hosts, as a target expression. */
  readonly names: { readonly hosts: string };
}

/** Puts deliveries together that differ in their host and their times alone; of many, in reasons too. */
export function foldDeliveries(deliveries: readonly Delivery[]): readonly FoldedDelivery[] {
  const groups = Map.groupBy(deliveries, (delivery) => keyOf(delivery, delivery.fallbackReason));
  const isShort = groups.size <= MOST_GROUPS;
  const shown = isShort ? groups : Map.groupBy(deliveries, (delivery) => keyOf(delivery, null));
  return [...shown.values()].map((group) => fold(group, isShort));
}

function keyOf(
  { via, outcome, exitCode, isEarlier }: Delivery,
  reason: string | null,
): string {
  return JSON.stringify([via, outcome, exitCode, isEarlier, reason]);
}

function fold(group: readonly Delivery[], hasReason: boolean): FoldedDelivery {
  const [{ via, outcome, exitCode, fallbackReason, isEarlier } = NONE] = group;
  return {
    names: { hosts: foldNames(group.map(({ host }) => host)) },
    delivery: {
      via,
      outcome,
      exitCode,
      ...(isEarlier ? { isEarlier } : {}),
      fallbackReason: hasReason ? fallbackReason : null,
      phases: {
        queue: longest(group, "queue"),
        connect: longest(group, "connect"),
        run: longest(group, "run"),
      },
    },
  };
}

function longest(group: readonly Delivery[], phase: Phase): number | null {
  return group.reduce<number | null>(
    (most, { phases: { [phase]: ms } }) => ms === null ? most : Math.max(most ?? 0, ms),
    null,
  );
}

const NONE: Omit<Delivery, "host" | "phases"> = {
  via: null,
  outcome: "unknown",
  fallbackReason: null,
  exitCode: null,
};
