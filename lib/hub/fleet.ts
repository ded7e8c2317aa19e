import { createPause, type Pause } from "../base/bursts.ts";
import type { Clock } from "../base/time/clock.ts";
import type { Logger } from "../base/log.ts";
import { spawnProcess } from "../base/process.ts";
import { VERSION } from "../base/version.ts";
import { type Budget, createBudget } from "../calls/budget.ts";
import type { HubSettings } from "../config/settings.ts";
import { createDispatch, type Dispatch } from "../fleet/dispatch.ts";
import type { HostState } from "../fleet/health.ts";
import { hasBackend, type Host, type Registry } from "../fleet/host.ts";
import { createInventory, type Inventory } from "../fleet/inventory.ts";
import { type Load, sumLoads } from "../fleet/limits.ts";
import { createLinks, type Link, type LinkOptions } from "../fleet/link.ts";
import { createHttpPool } from "../fleet/lmcp/pool.ts";
import { createProber, type Prober } from "../fleet/probe.ts";
import { createLookup } from "../fleet/resolver.ts";
import { createSsh, type SpareCounts } from "../fleet/ssh/client.ts";
import type { SshControl } from "../fleet/ssh/control.ts";
import type { Via } from "../fleet/transport.ts";
import { MAX_ANSWERS_BYTES } from "../mcp/server.ts";
import type { HostStates } from "../metrics/hosts.ts";
import type { HubNats } from "./nats/open.ts";
import { createSshClient } from "./ssh/client.ts";

/** The ways to all hosts. */
export interface Fleet {
  readonly dispatch: Dispatch;
  readonly inventory: Inventory;
  readonly prober: Prober;
  readonly linkTo: (host: Host) => Link;
  /** The hosts that were probed or called, and what is known of them. */
  readonly states: () => HostStates;
  /** What is going on over each transport. */
  readonly load: Readonly<Record<Via, () => Load>>;
  /** Sessions over ssh that wait for a call. */
  readonly spares: () => SpareCounts;
  /** Ends probes, connections and child processes. */
  readonly close: () => Promise<void>;
}

/** Options of `openFleet()`. */
export interface FleetOptions {
  readonly settings: HubSettings;
  readonly registry: () => Registry;
  /** How hosts are reached over NATS; null: they are not. */
  readonly nats: Pick<HubNats, "wireTo" | "follow"> | null;
  /** Called when other hosts announce themselves over NATS, and never rejects; default: nothing is done. */
  readonly onAnnounced?: () => Promise<void>;
  /** Where ssh connections are kept open; null: each call makes its own. */
  readonly control: SshControl | null;
  /** Whether probes over ssh use those connections, and keep theirs; default: where there are any. */
  readonly probesReuse?: boolean;
  /** Bytes of answers that are being read, those of tools that change things apart. */
  readonly answers?: Budget;
  /** What all long work of the program waits for between its steps. */
  readonly pause?: Pause;
  /** Called with each new state of a host, as `LinkOptions` has it. */
  readonly onState?: LinkOptions["onState"];
  /** Whether few files and connections can be open at once, so that none may wait for calls. */
  readonly isShort?: () => boolean;
  /** For the deadlines of calls. */
  readonly clock: Clock;
  /** Where a bug in a probe that nobody waits for is reported. */
  readonly log: Pick<Logger, "error">;
}

/** Puts the links to all hosts, the prober and the dispatcher together. */
export function openFleet(options: FleetOptions): Fleet {
  const { settings, registry, control, isShort = () => false, onState, clock, log } = options;
  const { probesReuse = control !== null } = options;
  const { answers: budget = createBudget(() => MAX_ANSWERS_BYTES), pause = createPause() } =
    options;
  const closing = new AbortController();
  const ssh = createSsh({
    client: createSshClient(settings, registry),
    spawn: spawnProcess,
    control,
    spares: () => isShort() ? 0 : settings.sshSpares,
    clock,
  });
  const pool = createHttpPool({
    lookup: createLookup({ clock }),
    forwards: ssh.forwards,
    clock,
    pause,
  });
  const probeSoon = (host: Host) => {
    prober.probe(host).catch((error) => log.error("probe failed", { host: host.name, error }));
  };
  const linkTo = createLinks({
    pool,
    natsWireTo: options.nats?.wireTo ?? null,
    ssh,
    healthTimes: settings.probe,
    probesReuse,
    client: { name: "lmcp-hub", version: VERSION },
    probeSoon,
    ...(onState && { onState }),
    clock,
  });
  const prober = createProber({
    linkTo,
    onProbed: (host, state) => {
      if (callsUseSsh(host, state)) ssh.warm(host);
    },
    clock,
    signal: closing.signal,
  });
  followNats(options, { linkTo, probeSoon });
  const links = () => [...registry().hosts.values()].map(linkTo);
  const limitersOf = (via: Via) =>
    links().flatMap(({ backends }) =>
      backends.filter((way) => way.via === via).map(({ limiter }) => limiter)
    );
  return {
    dispatch: createDispatch({ linkTo, budget }),
    inventory: createInventory({ linkTo, budget }),
    prober,
    linkTo,
    states: () => statesOf(links()),
    load: {
      lmcp: () => sumLoads(limitersOf("lmcp")),
      nats: () => sumLoads(limitersOf("nats")),
      ssh: ssh.load,
    },
    spares: ssh.spares,
    close: async () => {
      closing.abort();
      await prober.settled();
      // Some of its connections lead through ssh.
      await pool.close();
      await ssh.close();
    },
  };
}

/** Learns from what agents announce that a host is up, and probes one that falls silent. */
function followNats(
  { nats, registry, onAnnounced = () => Promise.resolve() }: FleetOptions,
  { linkTo, probeSoon }: Pick<Fleet, "linkTo"> & { readonly probeSoon: (host: Host) => void },
): void {
  nats?.follow({
    registry,
    onHeard: (host, tools) => {
      if (isNatsFirst(host)) linkTo(host).health.recordPresence(tools);
    },
    onSilent: (host) => {
      if (isNatsFirst(host)) probeSoon(host);
    },
    onChange: onAnnounced,
  });
}

/** Whether what is announced over NATS is about the first way to a host. */
function isNatsFirst({ lmcpUrl, natsName }: Host): boolean {
  return natsName !== null && lmcpUrl === null;
}

/** Whether the next call will fall back to ssh. */
function callsUseSsh(host: Host, { via }: HostState): boolean {
  return hasBackend(host) && via === "ssh";
}

function statesOf(links: readonly Link[]): HostStates {
  return links.flatMap(({ host, health }): [Host, HostState][] => {
    const state = health.state();
    return state === null ? [] : [[host, state]];
  });
}
