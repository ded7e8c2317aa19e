import { systemClock } from "../../base/time/clock.ts";
import type { ProbeFormat } from "../../cli/command.ts";
import { type ColorChoice, createPaint, isColored } from "../../cli/paint.ts";
import type { HostState } from "../../fleet/health.ts";
import type { Host } from "../../fleet/host.ts";
import { hostEntry, hostLine } from "../../tools/hosts/entry.ts";
import { createHostTable } from "./host_table.ts";
import type { ProbedHost } from "./probe_all.ts";
import { complain, type Program } from "../program.ts";

/** Prints a host when its state is known, or all of them at the end. */
export interface Printer {
  readonly onState: (host: Host, state: HostState) => void;
  /** Called from time to time with the number of hosts that have not answered. */
  readonly onWait: (count: number) => void;
  readonly onEnd: (probed: readonly ProbedHost[]) => Promise<void>;
}

/** How hosts are printed. */
export interface PrintOptions {
  readonly format: ProbeFormat;
  readonly color: ColorChoice;
  readonly flags: { readonly quiet: boolean };
}

/** Makes the printer of these hosts. */
export function createPrinter(
  hosts: readonly Host[],
  options: PrintOptions,
  program: Pick<Program, "name" | "stdout" | "stderr" | "screen">,
): Printer {
  const { format, color, flags: { quiet } } = options;
  switch (format) {
    case "text":
      return program.screen.isTerminal || color === "always"
        ? printTable(hosts, options, program)
        : printLines(hosts, options, program);
    case "json":
      return {
        ...waiting(hosts, options, program),
        onState: () => {},
        onEnd: (probed) => {
          const shown = probed.filter(([, state]) => isShown(state, quiet));
          const entries = shown.map(([host, state]) => hostEntry(host, state));
          if (entries.length > 0) program.stdout(JSON.stringify({ hosts: entries }));
          return Promise.resolve();
        },
      };
    case "prometheus":
      return {
        ...waiting(hosts, options, program),
        onState: () => {},
        onEnd: async (probed) => {
          const { hostMetrics } = await import("../../metrics/hosts.ts");
          // A scrape file is whole or wrong, so `--quiet` leaves out nothing.
          program.stdout((await hostMetrics(probed)).trimEnd());
        },
      };
  }
}

/** For scripts: a line for each host, as `remote_list_hosts` has it, in the order in which they answer. */
function printLines(
  hosts: readonly Host[],
  options: PrintOptions,
  program: Pick<Program, "name" | "stdout" | "stderr">,
): Printer {
  return {
    ...waiting(hosts, options, program),
    onState: (host, state) => {
      if (!isShown(state, options.flags.quiet)) return;
      program.stdout(hostLine(host, { ...state, error: state.detail }).trimEnd());
    },
    onEnd: () => Promise.resolve(),
  };
}

/** For a person. */
function printTable(
  hosts: readonly Host[],
  { color, flags: { quiet } }: PrintOptions,
  { stdout, screen }: Pick<Program, "stdout" | "screen">,
): Printer {
  const table = createHostTable({
    hosts,
    quiet,
    paint: createPaint(isColored(color, screen)),
    isTerminal: screen.isTerminal,
    print: stdout,
    now: systemClock.now,
  });
  return {
    onState: table.add,
    onWait: table.tick,
    onEnd: (probed) => Promise.resolve(table.end(probed)),
  };
}

function isShown({ up }: HostState, quiet: boolean): boolean {
  return !quiet || !up;
}

function waiting(
  hosts: readonly Host[],
  { flags: { quiet } }: PrintOptions,
  program: Pick<Program, "name" | "stderr">,
): Pick<Printer, "onWait"> {
  return {
    onWait: (count) => {
      if (!quiet) complain(program, `waiting for ${count} of ${hosts.length} hosts`);
    },
  };
}
