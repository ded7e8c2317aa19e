import type { Pause } from "../../base/bursts.ts";
import type { Clock } from "../../base/time/clock.ts";
import type { Wire } from "../backend/wire.ts";
import { WireExchange } from "./exchange.ts";
import type { NatsRequests } from "./requests.ts";

/** What leads to the agents of hosts. */
export interface NatsWireOptions {
  readonly requests: NatsRequests;
  /** How often the agents of a host have come and gone. */
  readonly changesOf: (name: string) => number;
  readonly clock: Clock;
  /** For answers that are read in steps. */
  readonly pause: Pause;
}

/** The wire to the agents of the host that has this name on NATS. */
export function createNatsWire(name: string, options: NatsWireOptions): Wire {
  const { requests, changesOf } = options;
  return {
    send: (message) => new WireExchange(name, message, options).result,
    sendDetached: (message) => {
      // It has left when this returns.
      new WireExchange(name, message, options);
    },
    disconnects: () => requests.disconnects() + changesOf(name),
  };
}
