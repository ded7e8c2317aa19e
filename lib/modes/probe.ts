import { systemClock } from "../base/time/clock.ts";
import type { Command } from "../cli/command.ts";
import type { HostState } from "../fleet/health.ts";
import type { Host, Registry } from "../fleet/host.ts";
import { configureHub } from "../hub/configure.ts";
import { openFleet } from "../hub/fleet.ts";
import { probeAll, type ProbedHost } from "../hub/probe_all.ts";
import { complain, EXIT, openLog, type Program } from "../hub/program.ts";
import { hostEntry, hostLine } from "../tools/hosts/entry.ts";
import { resolveHosts } from "../tools/targets_argument.ts";

/** `--probe`, parsed. */
export type ProbeCommand = Extract<Command, { readonly mode: "probe" }>;

/** How long beyond the connect timeout no host may have come up before the others are given up. */
const QUIET_MARGIN_MS = 1_500;

/**
 * Probes each host once and prints its state: as text when it is known, in the other formats when all
 * are. The exit status: 0 all are up, 1 some are down, 2 the probe could not run or was stopped. With
 * `--quiet`, text and JSON name only the hosts that are down.
 */
export async function runProbe(command: ProbeCommand, program: Program): Promise<number> {
  const configuration = await configureHub("probe", command.flags, program);
  if (configuration === null) return EXIT.unusable;
  const { settings, registry } = configuration;
  if (registry.hosts.size === 0) {
    const what = configuration.isRegistryMissing ? "there is no" : "there are no hosts in the";
    complain(program, `Cannot probe: ${what} registry "${registry.path}"`);
    return EXIT.unusable;
  }
  const hosts = chooseHosts(command, registry);
  if ("faults" in hosts) {
    for (const fault of hosts.faults) complain(program, fault);
    return EXIT.unusable;
  }

  const fleet = openFleet({
    settings,
    registry: () => registry,
    control: null,
    clock: systemClock,
    log: openLog(settings.log, program),
  });
  try {
    const printer = createPrinter(command, program);
    const probed = await probeAll(hosts, {
      ...fleet.prober,
      quietMs: settings.timeouts.connectMs + QUIET_MARGIN_MS,
      clock: systemClock,
      signal: program.stop,
      onState: printer.onState,
      onWait: (count) => {
        if (command.flags.quiet) return;
        complain(program, `waiting for ${count} of ${hosts.length} hosts`);
      },
    });
    if (probed.length < hosts.length) {
      complain(program, `stopped: ${probed.length} of ${hosts.length} hosts were probed`);
      return EXIT.unusable;
    }
    await printer.onEnd(probed);
    return probed.every(([, { up }]) => up) ? EXIT.ok : EXIT.hostDown;
  } finally {
    await fleet.close();
  }
}

/** The hosts that are to be probed, by name; or what is wrong with each expression that names none. */
function chooseHosts(
  { hosts }: ProbeCommand,
  registry: Registry,
): readonly Host[] | { readonly faults: readonly string[] } {
  const faults = hosts.flatMap((expression) => {
    const resolved = resolveHosts(expression, registry);
    return resolved.kind === "refused"
      ? [`Cannot probe "${expression}": ${resolved.reason} (registry "${registry.path}")`]
      : [];
  });
  if (faults.length > 0) return { faults };
  const resolved = resolveHosts(hosts.length === 0 ? "@all" : hosts.join("\n"), registry);
  return resolved.kind === "targets" ? resolved.targets : { faults: [resolved.reason] };
}

/** Prints a host when its state is known, or all of them at the end. */
interface Printer {
  readonly onState: (host: Host, state: HostState) => void;
  readonly onEnd: (probed: readonly ProbedHost[]) => Promise<void>;
}

function createPrinter({ format, flags }: ProbeCommand, { stdout }: Program): Printer {
  const isShown = ([, { up }]: ProbedHost) => !flags.quiet || !up;
  const later = { onState: () => {}, onEnd: () => Promise.resolve() };
  switch (format) {
    case "text":
      return {
        ...later,
        onState: (host, state) => {
          if (isShown([host, state])) {
            stdout(hostLine(host, { ...state, error: state.detail }).trimEnd());
          }
        },
      };
    case "json":
      return {
        ...later,
        onEnd: (probed) => {
          const hosts = probed.filter(isShown).map(([host, state]) => hostEntry(host, state));
          if (hosts.length > 0) stdout(JSON.stringify({ hosts }));
          return Promise.resolve();
        },
      };
    case "prometheus":
      return {
        ...later,
        onEnd: async (probed) => {
          const { hostMetrics } = await import("../metrics/hosts.ts");
          // A scrape file is whole or wrong, so `--quiet` leaves out nothing.
          stdout((await hostMetrics(probed)).trimEnd());
        },
      };
  }
}
