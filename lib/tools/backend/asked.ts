import type { Delivery } from "../../calls/record.ts";
import { claimantOf } from "../../fleet/claimant.ts";
import type { Host } from "../../fleet/host.ts";
import type { Asker, Offer } from "../../fleet/inventory.ts";
import type { CallContext } from "../../mcp/tool.ts";

/** Whoever calls a tool, as one who asks hosts for theirs. */
export function askerOf({ principal, signal, traceparent }: CallContext): Asker {
  return { claimant: claimantOf(principal), signal, traceparent };
}

/** How it went to ask a host for its tools, for the record of the call. */
export function deliveryOf(offer: Offer<unknown>, host: Host): Delivery {
  if (offer.kind === "known") return { ...notDelivered(host), via: offer.via, outcome: "ok" };
  return offer.mayHaveRun
    ? { ...notDelivered(host), via: offer.via, outcome: "unknown" }
    : notDelivered(host);
}

/** That nothing was done on a host, for the record of the call. */
export function notDelivered({ name: host }: Host): Delivery {
  return {
    host,
    via: null,
    outcome: "not_delivered",
    fallbackReason: null,
    exitCode: null,
    phases: { queue: null, connect: null, run: null },
  };
}
