import type { Clock } from "../base/time/clock.ts";
import { getOrAdd } from "../base/get_or_add.ts";
import type { Implementation } from "../mcp/era.ts";
import { Conversation } from "./backend/conversation.ts";
import { createHealth, type Health, type HealthTimes, type HostState } from "./health.ts";
import type { Host } from "./host.ts";
import { createLimiter } from "./limiter.ts";
import type { HttpPool } from "./lmcp/pool.ts";
import { createBackendTransport } from "./backend/transport.ts";
import type { BackendWay } from "./backend/way.ts";
import type { Wire } from "./backend/wire.ts";
import type { Ssh } from "./ssh/client.ts";
import { createSshTransport, NO_SSH } from "./ssh/transport.ts";
import { missingTransport, type Transport } from "./transport.ts";

/** Calls to one backend at once, how many more may wait, and how long. */
const BACKEND_LIMITS = { running: 16, waiting: 128, waitMs: 30_000 } as const;

/** The way to a host whose registry entry names no backend. */
const NO_BACKEND = missingTransport("lmcp", "no url configured", () => true);
/** That to one whose agents are on NATS, for a hub that is not. */
const NO_NATS: Transport = {
  ...missingTransport("nats", "LMCP_NATS_URL is not set", () => true),
  // The host has it, so that texts and probes say why it is of no use.
  missing: null,
};

/** All that is known of a host while the hub runs, and the ways to it. */
export interface Link {
  readonly host: Host;
  readonly health: Health;
  /** The ways to its backend, in the order in which they are tried; empty: it has none. */
  readonly backends: readonly BackendWay[];
  /** In the order in which they are tried; including those that the host lacks. */
  readonly transports: readonly Transport[];
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** Milliseconds since 1970: it goes on while the machine sleeps. */
  readonly wall: () => number;
}

/** What all links have in common. */
export interface LinkOptions {
  readonly pool: HttpPool;
  /** Makes the wire to the agents that have a name on NATS; null: NATS is not used. */
  readonly natsWireTo: ((name: string) => Wire) | null;
  readonly ssh: Ssh;
  readonly healthTimes: HealthTimes;
  /** Whether probes over ssh use connections that are kept, and keep theirs. */
  readonly probesReuse: boolean;
  /** What the hub calls itself before backends. */
  readonly client: Implementation;
  /** Has a host probed in the background. */
  readonly probeSoon: (host: Host) => void;
  /** Called with each new state of a host; `latencyMs` is what was measured now, null: nothing. */
  readonly onState?: (host: Host, state: HostState, latencyMs: number | null) => void;
  /** For the deadlines of calls. */
  readonly clock: Clock;
}

/**
 * Makes the function that returns a host's link. A link lives as long as its `Host` object: a reload
 * that leaves a host unchanged keeps both.
 */
export function createLinks(options: LinkOptions): (host: Host) => Link {
  const links = new WeakMap<Host, Link>();
  return function linkTo(host) {
    return getOrAdd(links, host, () => openLink(host, options));
  };
}

function openLink(host: Host, options: LinkOptions): Link {
  const { onState } = options;
  const health = createHealth(
    options.healthTimes,
    options.clock,
    onState && { onState: (state, latencyMs) => onState(host, state, latencyMs) },
  );
  const lmcp = openLmcp(host, health, options);
  const nats = openNatsWay(host, options);
  const backends = [lmcp, nats].filter((way) => way !== null);
  const { now, wall } = options.clock;
  const over = (way: BackendWay) => createBackendTransport(host, { ...way, now });
  const isOnNats = host.natsName !== null;
  const transports = [
    ...(lmcp !== null ? [over(lmcp)] : isOnNats ? [] : [NO_BACKEND]),
    ...(nats !== null ? [over(nats)] : isOnNats ? [NO_NATS] : []),
    host.sshHost === null ? NO_SSH : createSshTransport(host, {
      ssh: options.ssh,
      probesReuse: options.probesReuse,
      claims: () => claimsOf(backends),
      now,
    }),
  ];
  return {
    host,
    health,
    backends,
    transports,
    now,
    wall,
  };
}

/** Where the host's backend keeps its claims, whichever way it said so; undefined: it is not known. */
function claimsOf(backends: readonly BackendWay[]): Conversation["claims"] {
  const known = backends.map(({ backend }) => backend.claims);
  return known.find((claims) => claims) ?? known.find((claims) => claims !== undefined);
}

function openLmcp(
  host: Host,
  health: Health,
  { pool, client, clock, probeSoon }: LinkOptions,
): BackendWay | null {
  if (host.lmcpUrl === null) return null;
  return {
    via: "lmcp",
    backend: new Conversation(host, { wire: pool.wireTo(host, host.lmcpUrl), client, clock }),
    limiter: createLimiter({ ...BACKEND_LIMITS, clock }),
    recordPort: health.recordPort,
    findObstacle() {
      const timedOutForMs = health.portTimedOutFor();
      if (timedOutForMs === null) return null;
      probeSoon(host);
      return `connect: timeout ${Math.round(timedOutForMs / 1000)} s ago, not tried again yet`;
    },
  };
}

function openNatsWay(
  host: Host,
  { natsWireTo, client, clock }: LinkOptions,
): BackendWay | null {
  if (host.natsName === null || natsWireTo === null) return null;
  return {
    via: "nats",
    backend: new Conversation(host, { wire: natsWireTo(host.natsName), client, clock }),
    limiter: createLimiter({ ...BACKEND_LIMITS, clock }),
    recordPort: () => {},
    findObstacle: () => null,
  };
}
