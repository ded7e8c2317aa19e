import { createPause } from "../../lib/base/bursts.ts";
import { systemClock } from "../../lib/base/time/clock.ts";
import { type HubNats, openHubNats } from "../../lib/hub/nats/open.ts";
import type { NatsSettings } from "../../lib/nats/settings.ts";

/** A hub's connection to NATS that is up, and closed when it is disposed of. */
export interface LabHubNats extends HubNats, AsyncDisposable {}

/** Connects to NATS as a hub. */
export async function openLabNats(settings: NatsSettings): Promise<LabHubNats> {
  const nats = openHubNats(settings, {
    clock: systemClock,
    pause: createPause(),
    log: { error() {}, warn() {}, info() {}, debug() {} },
  });
  if (!await nats.connected(20_000)) throw new Error("NATS is not connected");
  return { ...nats, [Symbol.asyncDispose]: nats.close };
}
