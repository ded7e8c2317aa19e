import type { HubSettings } from "../config/settings.ts";
import { createByteBudget } from "../fleet/byte_budget.ts";
import { createDispatch, type Dispatch } from "../fleet/dispatch.ts";
import { type Clocks, createHealth, type Health, type Via } from "../fleet/health.ts";
import type { Host, Registry } from "../fleet/host.ts";
import { createLmcp } from "../fleet/lmcp/client.ts";
import { createHostLimits, type Load } from "../fleet/limits.ts";
import { createTryLmcp, LMCP_LIMITS } from "../fleet/lmcp/attempt.ts";
import { createProber, type Prober } from "../fleet/probe.ts";
import { createLookup } from "../fleet/resolver.ts";
import { createSsh } from "../fleet/ssh/client.ts";
import type { SshControl } from "../fleet/ssh/control.ts";
import type { Clock } from "../base/clock.ts";
import { spawnProcess } from "../base/process.ts";
import { VERSION } from "../base/version.ts";
import type { HostStates } from "../metrics/hosts.ts";

/** The ways to all hosts. */
export interface Fleet {
  readonly dispatch: Dispatch;
  readonly prober: Prober;
  /** The hosts that were looked at, and what was last seen of them. */
  readonly states: () => HostStates;
  /** What is going on over each transport. */
  readonly load: Readonly<Record<Via, () => Load>>;
  /** Ends probes, connections and child processes. */
  readonly close: () => Promise<void>;
}

/** What `openFleet()` needs. */
export interface FleetOptions {
  readonly settings: HubSettings;
  readonly registry: () => Registry;
  /** Where ssh connections are kept open; null: each call makes its own. */
  readonly control: SshControl | null;
  /** For the deadlines of calls. */
  readonly clock: Clock;
}

/** Of all answers that are being read, those of tools that change things apart. */
const MAX_READ_BYTES = 256 * 1024 * 1024;

/** Puts the transports, the memory of what is up, and the dispatcher together. */
export function openFleet({ settings, registry, control, clock }: FleetOptions): Fleet {
  const closing = new AbortController();
  const clocks: Clocks = { monotonic: clock.now, wall: () => Date.now() };
  const client = { name: "lmcp-hub", version: VERSION };
  const lmcp = createLmcp({ lookup: createLookup(), client, clock });
  const ssh = createSsh({
    client: {
      program: "ssh",
      configFile: settings.sshConfig,
      secretVariables: () => [
        "LMCP_TOKEN",
        ...[...registry().hosts.values(), ...registry().clients.values()]
          .flatMap(({ tokenVariable }) => tokenVariable ?? []),
      ],
    },
    spawn: spawnProcess,
    control,
  });
  const health = createHealth(settings.probe, clocks);
  const prober = createProber({
    lmcp,
    ssh,
    health,
    reuse: control !== null,
    clocks,
    signal: closing.signal,
  });
  const limits = createHostLimits({ ...LMCP_LIMITS, clock });
  const tryLmcp = createTryLmcp({
    lmcp,
    health,
    probe: (host) => void prober.probe(host),
    limits,
  });
  return {
    dispatch: createDispatch({
      tryLmcp,
      ssh,
      health,
      budget: createByteBudget(MAX_READ_BYTES),
    }),
    prober,
    states: () => statesOf(registry().hosts.values(), health),
    load: { lmcp: limits.load, ssh: ssh.load },
    close: async () => {
      closing.abort();
      await prober.settled();
      await Promise.all([lmcp.close(), ssh.close()]);
    },
  };
}

function statesOf(hosts: Iterable<Host>, { stateOf }: Health): HostStates {
  return [...hosts].flatMap((host) => {
    const state = stateOf(host);
    return state === null ? [] : [[host, state] as const];
  });
}
