import { systemClock } from "../../lib/base/time/clock.ts";
import { openNats } from "../../lib/nats/connection.ts";
import type { NatsSettings } from "../../lib/nats/settings.ts";
import { type OpenShared, openShared } from "../../lib/shared/nats/open.ts";
import { until } from "../processes.ts";

/** What one hub has of what hubs share. */
export interface SharingHub extends AsyncDisposable {
  readonly shared: OpenShared;
  /** Ends its connection without a word, as a crash would. */
  readonly crash: () => Promise<void>;
}

/** Connects a hub of that id, and waits until it is connected. */
export async function joinHubs(id: string, settings: NatsSettings): Promise<SharingHub> {
  const log = { info() {}, warn() {}, debug() {}, error: console.error };
  const connection = openNats({ settings, name: id, log, random: () => 0 });
  await until(connection.isUp);
  const shared = openShared({ id, connection, clock: systemClock, log });
  return {
    shared,
    crash: () => connection.close(),
    [Symbol.asyncDispose]: async () => {
      await shared.close();
      await connection.close();
    },
  };
}
