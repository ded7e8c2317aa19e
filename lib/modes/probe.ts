import { createPause } from "../base/bursts.ts";
import type { Logger } from "../base/log.ts";
import { hasError } from "../base/problem.ts";
import { systemClock } from "../base/time/clock.ts";
import { rest } from "../base/time/rest.ts";
import type { Command } from "../cli/command.ts";
import { type Configuration, loadConfiguration } from "../config/load.ts";
import type { Host, Registry } from "../fleet/host.ts";
import { isBehindSsh } from "../fleet/lmcp/ssh_url.ts";
import { configureHub } from "../hub/configure.ts";
import { openControl } from "../hub/ssh/control.ts";
import { openFleet } from "../hub/fleet.ts";
import { type HubNats, openHubNats } from "../hub/nats/open.ts";
import { createPrinter } from "../hub/listing/print_hosts.ts";
import { probeAll } from "../hub/listing/probe_all.ts";
import { complain, EXIT, openLog, type Program } from "../hub/program.ts";
import { resolveHosts } from "../tools/targets_argument.ts";

/** `--probe`, parsed. */
export type ProbeCommand = Extract<Command, { readonly mode: "probe" }>;

/** Within this time all agents have answered the question who is there. */
const ANNOUNCED_MS = 1_000;

/** How long beyond the connect timeout no host may have come up before the others are given up. */
const QUIET_MARGIN_MS = 1_500;

/**
 * Probes each host once and prints its state: as text when it is known, in the other formats when all
 * are; at a terminal as a table, with what is still waited for. The exit status: 0 all are up, 1 some
 * are down, 2 the probe could not run or was stopped. With `--quiet`, text and JSON name only the hosts
 * that are down.
 */
export async function runProbe(command: ProbeCommand, program: Program): Promise<number> {
  const configuration = await configureHub("probe", command.flags, program);
  if (configuration === null) return EXIT.unusable;
  const { settings } = configuration;
  const log = openLog(settings.log, program);
  const nats = settings.nats && openHubNats(settings.nats, {
    clock: systemClock,
    pause: createPause(),
    log,
  });
  try {
    return await probeOnce(command, { program, nats, log, configuration });
  } finally {
    await nats?.close();
  }
}

/** The hosts that are to be probed: those that announce themselves, too, where they are listed. */
async function findRegistry(
  command: ProbeCommand,
  { program, nats, configuration }: ProbeWorld,
): Promise<Registry> {
  const { settings: { timeouts }, discovers, registry } = configuration;
  if (nats === null || !await nats.connected(timeouts.connectMs) || !discovers) return registry;
  await rest(ANNOUNCED_MS, { clock: systemClock, signal: program.stop });
  const announced = nats.announced();
  const again = await loadConfiguration("probe", command.flags, program, { announced });
  return hasError(again.problems) ? registry : again.configuration.registry;
}

/** What a probe is made with. */
interface ProbeWorld {
  readonly program: Program;
  readonly nats: HubNats | null;
  readonly log: Logger;
  readonly configuration: Configuration;
}

async function probeOnce(command: ProbeCommand, world: ProbeWorld): Promise<number> {
  const { program, nats, log, configuration } = world;
  const { settings } = configuration;
  const registry = await findRegistry(command, world);
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
    nats,
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
