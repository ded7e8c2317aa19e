import type { Pause } from "../../base/bursts.ts";
import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time/clock.ts";
import { within } from "../../base/time/within.ts";
import type { Wire } from "../../fleet/backend/wire.ts";
import type { Host, Registry } from "../../fleet/host.ts";
import { type AnnouncedHost, watchPresence } from "../../fleet/nats/presence.ts";
import { createNatsRequests } from "../../fleet/nats/requests.ts";
import { createNatsWire } from "../../fleet/nats/wire.ts";
import { type NatsConnection, openNats } from "../../nats/connection.ts";
import type { NatsSettings } from "../../nats/settings.ts";
import { inboxPrefix } from "../../nats/subjects.ts";
import { gatherChanges } from "./gather.ts";

/** A hub's part of NATS. */
export interface HubNats {
  /** What this hub is called among the others. */
  readonly id: string;
  readonly connection: NatsConnection;
  /** Makes the wire to the agents that have a name. */
  readonly wireTo: (name: string) => Wire;
  /** The hosts that have announced themselves. */
  readonly announced: () => readonly AnnouncedHost[];
  /** Waits for the connection, at most so long; false: there is none yet. */
  readonly connected: (withinMs: number) => Promise<boolean>;
  /** Begins to call back with what agents announce. */
  readonly follow: (listeners: PresenceListeners) => void;
  readonly close: () => Promise<void>;
}

/** Who wants to know what agents announce. */
export interface PresenceListeners {
  readonly registry: () => Registry;
  /** An agent of the host, which has so many tools, takes requests. */
  readonly onHeard: (host: Host, tools: number) => void;
  /** No agent of the host is heard any more. */
  readonly onSilent: (host: Host) => void;
  /** Other hosts announce themselves than before. Never rejects. */
  readonly onChange: () => Promise<void>;
}

/** Options of `openHubNats()`. */
export interface HubNatsOptions {
  readonly clock: Clock;
  readonly pause: Pause;
  readonly log: Logger;
}

/** Connects a hub to NATS, in the background. */
export function openHubNats(settings: NatsSettings, options: HubNatsOptions): HubNats {
  const { clock, pause, log } = options;
  const id = crypto.randomUUID();
  const inbox = inboxPrefix(id);
  const connection = openNats({ settings, name: "lmcp-hub", inboxPrefix: inbox, log, clock });
  const requests = createNatsRequests({ connection, inbox: `${inbox}.r`, clock });
  let listeners: PresenceListeners | null = null;
  const changes = gatherChanges(async () => await listeners?.onChange(), clock);
  const hostsNamed = createNameIndex();
  const presence = watchPresence({
    connection,
    clock,
    log,
    isNamed: (name) => hostsNamed(listeners, name).length > 0,
    onHeard: (name, { tools }) => {
      for (const host of hostsNamed(listeners, name)) listeners?.onHeard(host, tools);
    },
    onSilent: (name) => {
      for (const host of hostsNamed(listeners, name)) listeners?.onSilent(host);
    },
    onChange: changes.mark,
  });
  return {
    id,
    connection,
    wireTo: (name) =>
      createNatsWire(name, { requests, changesOf: presence.changesOf, clock, pause }),
    announced: presence.hosts,
    connected: async (withinMs) => {
      await untilUp(connection, withinMs);
      return connection.isUp();
    },
    follow: (wanted) => {
      listeners = wanted;
      if (presence.hosts().length > 0) changes.mark();
    },
    close: async () => {
      changes.close();
      presence.close();
      requests.close();
      await connection.close();
    },
  };
}

/** Finds the hosts that have a name on NATS, at once however many there are. */
function createNameIndex(): (
  listeners: PresenceListeners | null,
  name: string,
) => readonly Host[] {
  const indexes = new WeakMap<Registry["hosts"], ReadonlyMap<string, readonly Host[]>>();
  return (listeners, name) => {
    if (listeners === null) return [];
    const { hosts } = listeners.registry();
    let index = indexes.get(hosts);
    if (index === undefined) {
      index = Map.groupBy(hosts.values(), (host) => host.natsName ?? "");
      indexes.set(hosts, index);
    }
    return index.get(name) ?? [];
  };
}

async function untilUp(connection: NatsConnection, ms: number): Promise<void> {
  if (connection.isUp()) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const unwatch = connection.watch((isUp) => isUp && resolve());
  await within(promise, ms);
  unwatch();
}
