import { foreignText } from "../../base/text/foreign_text.ts";
import type { Paint } from "../../cli/paint.ts";
import type { HostState } from "../../fleet/health.ts";
import { hasBackend, type Host } from "../../fleet/host.ts";
import type { ProbedHost } from "./probe_all.ts";

/** Characters of what is wrong with a host. */
const MAX_REASON = 500;
/** Names of hosts that are waited for. */
const NAMED = 3;
/** Longest line that says how far the probe is: one that a terminal breaks cannot be written over. */
const MAX_PROGRESS = 79;
/** Goes up a line (ECMA-48, section 8.3.22), and empties it: the one that says how far the probe is. */
const UP = "\x1b[1A";
const OVER_LAST_LINE = `${UP}\x1b[2K`;

/** A table of hosts for a person at a terminal, which grows as they answer. */
export interface HostTable {
  readonly add: (host: Host, state: HostState) => void;
  /** Says again how far the probe is. */
  readonly tick: () => void;
  /** Reports the result. */
  readonly end: (probed: readonly ProbedHost[]) => void;
}

/** What a table is made of. */
export interface HostTableOptions {
  readonly hosts: readonly Host[];
  /** Whether hosts that are up are left out. */
  readonly quiet: boolean;
  readonly paint: Paint;
  /** Whether the last line can be written over, as on a terminal. */
  readonly isTerminal: boolean;
  /** Writes a line. */
  readonly print: (line: string) => void;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

/** Starts a table: its columns are as wide as the longest name wants. */
export function createHostTable(options: HostTableOptions): HostTable {
  const { hosts, quiet, paint, isTerminal, print, now } = options;
  const startedAt = now();
  const width = Math.max(...hosts.map(({ name }) => name.length));
  const waiting = new Set(hosts);
  let hasProgress = false;

  /** Writes rows, and behind them how far the probe is; null: that is over. */
  function show(rows: readonly string[], progress: string | null): void {
    const lines = progress === null ? rows : [...rows, paint("dim", progress)];
    const start = hasProgress ? OVER_LAST_LINE : "";
    if (lines.length > 0) print(start + lines.join("\n"));
    else if (hasProgress) print(start + UP);
    hasProgress = progress !== null;
  }

  function progress(): string | null {
    if (!isTerminal || waiting.size === 0) return null;
    const names = [...waiting].slice(0, NAMED).map(({ name }) => name).join(", ");
    const more = waiting.size > NAMED ? ", …" : "";
    const done = hosts.length - waiting.size;
    const text = `${done} of ${hosts.length} probed, waiting for ${names}${more}`;
    return foreignText(text, MAX_PROGRESS);
  }

  return {
    add: (host, state) => {
      waiting.delete(host);
      const isShown = !quiet || !state.up;
      show(isShown ? [row(host, state, { width, paint })] : [], progress());
    },
    tick: () => show([], progress()),
    end: (probed) => {
      if (!quiet) show([summary(probed, { paint, tookMs: now() - startedAt })], null);
    },
  };
}

/** `web01  UP    lmcp    12 ms`: what is not as it should be stands out. */
function row(
  host: Host,
  state: HostState,
  { width, paint }: { readonly width: number; readonly paint: Paint },
): string {
  const { up, via, latencyMs } = state;
  const isInstead = up && via === "ssh" && hasBackend(host);
  const color = !up ? "red" : isInstead ? "yellow" : "green";
  const columns = [
    host.name.padEnd(width),
    paint(color, up ? "UP  " : "DOWN"),
    paint(isInstead ? "yellow" : "dim", (via ?? "").padEnd(4)),
    latencyMs === null ? "".padStart(8) : `${Math.round(latencyMs)} ms`.padStart(8),
    state.detail === null ? "" : paint("red", foreignText(state.detail, MAX_REASON)),
    paint("dim", host.tags.map((tag) => `@${tag}`).join(" ")),
  ];
  return columns.filter((column) => column !== "").join("  ").trimEnd();
}

/** `200 hosts: 180 up, 12 of them over ssh although they have an agent, 20 down (4.1 s)`. */
function summary(
  probed: readonly ProbedHost[],
  { paint, tookMs }: { readonly paint: Paint; readonly tookMs: number },
): string {
  const up = probed.filter(([, state]) => state.up);
  const instead = up.filter(([host, { via }]) => via === "ssh" && hasBackend(host)).length;
  const down = probed.length - up.length;
  const parts = [
    paint(up.length > 0 ? "green" : "dim", `${up.length} up`),
    ...(instead > 0
      ? [paint("yellow", `${instead} of them over ssh although they have a backend`)]
      : []),
    paint(down > 0 ? "red" : "dim", `${down} down`),
  ];
  const hosts = probed.length === 1 ? "1 host" : `${probed.length} hosts`;
  return `${paint("bold", hosts)}: ${parts.join(", ")} (${(tookMs / 1000).toFixed(1)} s)`;
}
