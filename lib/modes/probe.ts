import { systemClock } from "../base/time/clock.ts";
import type { Command } from "../cli/command.ts";
import type { Host, Registry } from "../fleet/host.ts";
import { isBehindSsh } from "../fleet/lmcp/ssh_url.ts";
import { configureHub } from "../hub/configure.ts";
import { openControl } from "../hub/control.ts";
import { openFleet } from "../hub/fleet.ts";
import { createPrinter } from "../hub/print_hosts.ts";
import { probeAll } from "../hub/probe_all.ts";
import { complain, EXIT, openLog, type Program } from "../hub/program.ts";
import { resolveHosts } from "../tools/targets_argument.ts";

/** `--probe`, parsed. */
export type ProbeCommand = Extract<Command, { readonly mode: "probe" }>;

/** How long beyond the connect timeout no host may have come up before the others are given up. */
const QUIET_MARGIN_MS = 1_500;

/**
 * Probes each host once and prints its state: as text when it is known, in the other formats when all
 * are; at a terminal as a table, with what is still waited for. The exit status: 0 all are up, 1 some are down, 2 the probe could not run or was stopped. With
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

  const log = openLog(settings.log, program);
  const fleet = openFleet({
    settings,
    registry: () => registry,
    control: hosts.some(isBehindSsh) ? await openControl(settings.controlDirectories, log) : null,
    probesReuse: false,
    clock: systemClock,
    log,
  });
  try {
    const printer = createPrinter(hosts, command, program);
    const probed = await probeAll(hosts, {
      ...fleet.prober,
      quietMs: settings.timeouts.connectMs + QUIET_MARGIN_MS,
      clock: systemClock,
      signal: program.stop,
      ...printer,
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
