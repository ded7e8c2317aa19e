import { aborted } from "../../base/time/aborted.ts";
import type { Clock } from "../../base/time/clock.ts";
import type { HostState } from "../../fleet/health.ts";
import type { Host } from "../../fleet/host.ts";
import type { Prober } from "../../fleet/probe.ts";

/** A host and what a probe has shown of it. */
export type ProbedHost = readonly [host: Host, state: HostState];

/** Between two reports of how many hosts have not answered. */
const WAIT_REPORT_MS = 2_000;
/** Probes that begin without a pause: a thousand would keep the first from reading their answers. */
const BURST = 50;

/** How hosts are probed, and who learns the results. */
export interface ProbeAllOptions extends Pick<Prober, "probe" | "listStates"> {
  /**
   * A host that has not answered in the time that `listStates` allows counts as that has it, once no host
   * has come up for so long: until then it may only be waiting for its turn.
   */
  readonly quietMs: number;
  readonly clock: Pick<Clock, "after" | "every">;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Called with each host once, in the order in which they answer. */
  readonly onState: (host: Host, state: HostState) => void;
  /** Called every two seconds with the number of hosts that have not answered. */
  readonly onWait: (count: number) => void;
}

/** Probes each host once. Returns the states in the order of the hosts; fewer if `signal` aborts. */
export async function probeAll(
  hosts: readonly Host[],
  options: ProbeAllOptions,
): Promise<readonly ProbedHost[]> {
  const { clock, signal } = options;
  const states = new Map<Host, HostState>();
  using quiet = createQuiet(options);
  const stopped = aborted(signal);

  async function probeOne(host: Host): Promise<void> {
    const state = await stateOf(host, quiet.promise, options);
    if (signal.aborted) return;
    states.set(host, state);
    if (state.up) quiet.postpone();
    options.onState(host, state);
  }

  async function probeEach(): Promise<void> {
    const probes: Promise<void>[] = [];
    for (const [index, host] of hosts.entries()) {
      if (index % BURST === BURST - 1) {
        await new Promise<void>((resolve) => clock.after(0, resolve));
      }
      if (signal.aborted) return;
      probes.push(probeOne(host));
    }
    await Promise.all(probes);
  }

  const stopReports = clock.every(
    WAIT_REPORT_MS,
    () => options.onWait(hosts.length - states.size),
  );
  try {
    await Promise.race([probeEach(), stopped]);
  } finally {
    stopReports();
  }
  return hosts.flatMap((host) => {
    const state = states.get(host);
    return state === undefined ? [] : [[host, state] as const];
  });
}

/** The state that a probe ends in, or the one that `listStates` sees in time, when all is quiet. */
async function stateOf(
  host: Host,
  quiet: Promise<void>,
  { probe, listStates }: ProbeAllOptions,
): Promise<HostState> {
  const final = probe(host);
  const inTime = listStates([host], { force: true });
  return await Promise.race([
    final,
    Promise.all([inTime, quiet]).then(([states]) => states.get(host) ?? final),
  ]);
}

/** A promise that resolves when nothing has postponed it for `quietMs`. */
interface Quiet extends Disposable {
  readonly promise: Promise<void>;
  readonly postpone: () => void;
}

function createQuiet({ quietMs, clock }: ProbeAllOptions): Quiet {
  const { promise, resolve } = Promise.withResolvers<void>();
  let cancel = clock.after(quietMs, resolve);
  return {
    promise,
    postpone: () => {
      cancel();
      cancel = clock.after(quietMs, resolve);
    },
    [Symbol.dispose]: () => cancel(),
  };
}
