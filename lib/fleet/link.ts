import type { Clock } from "../base/time/clock.ts";
import { getOrAdd } from "../base/get_or_add.ts";
import type { Implementation } from "../mcp/era.ts";
import { Conversation } from "./backend/conversation.ts";
import { createHealth, type Health, type HealthTimes, type HostState } from "./health.ts";
import type { Host } from "./host.ts";
import { createLimiter, type Limiter } from "./limiter.ts";
import type { HttpPool } from "./lmcp/pool.ts";
import { createLmcpTransport, NO_BACKEND } from "./lmcp/transport.ts";
import type { Ssh } from "./ssh/client.ts";
import { createSshTransport, NO_SSH } from "./ssh/transport.ts";
import type { Transport } from "./transport.ts";

/** Calls to one backend at once, how many more may wait, and how long. */
const BACKEND_LIMITS = { running: 16, waiting: 128, waitMs: 30_000 } as const;

/** All that is known of a host while the hub runs, and the ways to it. */
export interface Link {
  readonly host: Host;
  readonly health: Health;
  /** Calls to its backend that run, and that wait. */
  readonly limiter: Limiter;
  /** The conversation with its backend; null: it has none. */
  readonly backend: Conversation | null;
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
  const limiter = createLimiter({ ...BACKEND_LIMITS, clock: options.clock });
  const backend = openBackend(host, options);
  const transports = [
    backend === null ? NO_BACKEND : createLmcpTransport(host, {
      health,
      limiter,
      backend,
      probeSoon: () => options.probeSoon(host),
      now: options.clock.now,
    }),
    host.sshHost === null ? NO_SSH : createSshTransport(host, {
      ssh: options.ssh,
      probesReuse: options.probesReuse,
      claims: () => backend?.claims,
      now: options.clock.now,
    }),
  ];
  return {
    host,
    health,
    limiter,
    backend,
    transports,
    now: options.clock.now,
    wall: options.clock.wall,
  };
}

function openBackend(host: Host, { pool, client, clock }: LinkOptions): Conversation | null {
  if (host.lmcpUrl === null) return null;
  return new Conversation(host, { wire: pool.wireTo(host, host.lmcpUrl), client, clock });
}
