import { systemClock } from "../base/clock.ts";
import { didYouMean } from "../base/near_names.ts";
import type { Command } from "../cli/command.ts";
import type { HostState } from "../fleet/health.ts";
import type { Host, Registry } from "../fleet/host.ts";
import { configureHub } from "../hub/configure.ts";
import { openFleet } from "../hub/fleet.ts";
import { EXIT, type Program } from "../hub/program.ts";
import { byName, hostEntry, hostLine } from "../tools/host_entry.ts";

/** `--probe`, parsed. */
export type ProbeCommand = Extract<Command, { readonly mode: "probe" }>;

/**
 * Probes each host once and prints what it saw. The exit status: 0 all are up, 1 some are down,
 * 2 the probe could not run. With `--quiet`, text names only the hosts that are down.
 */
export async function runProbe(command: ProbeCommand, program: Program): Promise<number> {
  const configuration = await configureHub("probe", command.flags, program);
  if (configuration === null) return EXIT.unusable;
  const { settings, registry } = configuration;
  if (registry.hosts.size === 0) {
    program.stderr(`Cannot probe: no hosts in registry "${registry.path}"`);
    return EXIT.unusable;
  }
  const unknown = command.hosts.filter((name) => !registry.hosts.has(name));
  for (const name of unknown) program.stderr(unknownHost(name, registry));
  if (unknown.length > 0) return EXIT.unusable;

  const fleet = openFleet({
    settings,
    registry: () => registry,
    control: null,
    clock: systemClock,
  });
  try {
    const states = await probeEach(chosenHosts(command, registry), fleet.prober.probe);
    await print(states, command, program);
    return states.every(([, { up }]) => up) ? EXIT.ok : EXIT.hostDown;
  } finally {
    await fleet.close();
  }
}

type Probed = readonly (readonly [Host, HostState])[];

async function probeEach(
  hosts: readonly Host[],
  probe: (host: Host) => Promise<HostState>,
): Promise<Probed> {
  return await Promise.all(hosts.map(async (host) => [host, await probe(host)] as const));
}

function chosenHosts({ hosts }: ProbeCommand, registry: Registry): Host[] {
  const all = byName(registry.hosts.values());
  return hosts.length === 0 ? all : all.filter(({ name }) => hosts.includes(name));
}

async function print(
  states: Probed,
  { format, flags }: ProbeCommand,
  { stdout }: Program,
): Promise<void> {
  const told = flags.quiet ? states.filter(([, { up }]) => !up) : states;
  switch (format) {
    case "text":
      for (const [host, state] of told) stdout(hostLine(host, state).trimEnd());
      return;
    case "json":
      if (told.length === 0) return;
      stdout(JSON.stringify({ hosts: told.map(([host, state]) => hostEntry(host, state)) }));
      return;
    case "prometheus": {
      const { hostMetrics } = await import("../metrics/hosts.ts");
      // A scrape file is whole or wrong, so `--quiet` leaves out nothing.
      stdout((await hostMetrics(states)).trimEnd());
      return;
    }
  }
}

function unknownHost(name: string, registry: Registry): string {
  const hint = didYouMean(name, registry.hosts.keys());
  return `Cannot probe "${name}": no such host in registry "${registry.path}"${hint}`;
}
