import type { Clock } from "../../base/time/clock.ts";
import { rest } from "../../base/time/rest.ts";
import type { HostState } from "../../fleet/health.ts";
import type { Host } from "../../fleet/host.ts";

/** What is waited for. */
export type Goal = "up" | "down" | "reboot";

/** What is known of a host's last start. */
export interface BootFacts {
  /** Null: the host does not say. */
  readonly id: string | null;
  /** When it started at the earliest, in milliseconds since 1970; null: it does not say. */
  readonly bootedAt: number | null;
}

/** What is known of a host at the end of a wait. */
export interface Watched {
  readonly host: Host;
  readonly isReached: boolean;
  readonly state: HostState;
  readonly boot: BootFacts | null;
}

/** What hosts are watched for, and how. */
export interface WatchOptions {
  readonly goal: Goal;
  readonly timeoutMs: number;
  /** What a reboot is compared with: a boot id, a time; null: how it is when the wait begins. */
  readonly since: { readonly bootId: string } | { readonly time: number } | null;
  /** Probes hosts, at once and over new connections. */
  readonly probe: (hosts: readonly Host[]) => Promise<ReadonlyMap<Host, HostState>>;
  /** Ends soon when the signal is aborted. */
  readonly bootOf: (host: Host, signal: AbortSignal) => Promise<BootFacts>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called when some more have reached the goal. */
  readonly onProgress: (reached: number) => void;
}

/** Between two probes, in milliseconds; each wait is longer than the one before. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
/** How long a host may take to say when it started, and how long at least, also when the time is over. */
const BOOT_MS = { most: 10_000, least: 2_000 };

/** Watches hosts until all have reached a goal, or the time is over. In the order of the hosts. */
export async function watchHosts(
  hosts: readonly Host[],
  options: WatchOptions,
): Promise<readonly Watched[]> {
  const { clock, signal } = options;
  const endsAt = clock.now() + options.timeoutMs;
  const before = await bootBefore(hosts, endsAt, options);
  const watched = new Map<Host, Watched>();
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const pending = hosts.filter((host) => watched.get(host)?.isReached !== true);
    for (const seen of await look(pending, { before, endsAt }, options)) {
      watched.set(seen.host, seen);
    }
    const reached = hosts.filter((host) => watched.get(host)?.isReached).length;
    options.onProgress(reached);
    const leftMs = endsAt - clock.now();
    if (reached === hosts.length || leftMs <= 0 || signal.aborted) break;
    await rest(Math.min(pauseMs, leftMs), options);
    pauseMs = Math.min(1.5 * pauseMs, LONGEST_PAUSE_MS);
  }
  return hosts.flatMap((host) => watched.get(host) ?? []);
}

/** What a start of a host must differ from to be a new one. */
interface Before {
  /** Null: it is not known. */
  readonly bootId: string | null;
  /** In milliseconds since 1970. */
  readonly time: number;
}

async function bootBefore(
  hosts: readonly Host[],
  endsAt: number,
  options: WatchOptions,
): Promise<ReadonlyMap<Host, Before>> {
  const { goal, since, probe, clock } = options;
  const time = since !== null && "time" in since ? since.time : clock.wall();
  const given = since !== null && "bootId" in since ? since.bootId : null;
  if (goal !== "reboot" || since !== null) {
    return new Map(hosts.map((host) => [host, { bootId: given, time }]));
  }
  const states = await probe(hosts);
  const known = await Promise.all(hosts.map(async (host): Promise<[Host, Before]> => {
    const boot = states.get(host)?.up ? await bootInTime(host, endsAt, options) : null;
    return [host, { bootId: boot?.id ?? null, time }];
  }));
  return new Map(known);
}

async function look(
  hosts: readonly Host[],
  { before, endsAt }: { readonly before: ReadonlyMap<Host, Before>; readonly endsAt: number },
  options: WatchOptions,
): Promise<readonly Watched[]> {
  const { goal } = options;
  const states = [...await options.probe(hosts)];
  return await Promise.all(states.map(async ([host, state]): Promise<Watched> => {
    if (goal !== "reboot") {
      return { host, state, boot: null, isReached: state.up === (goal === "up") };
    }
    const boot = state.up ? await bootInTime(host, endsAt, options) : null;
    const isReached = boot !== null && isNewStart(boot, before.get(host));
    return { host, state, boot, isReached };
  }));
}

/** What a host says of its start; nothing, if it is slow: it must not delay the others, nor the end. */
async function bootInTime(
  host: Host,
  endsAt: number,
  { bootOf, clock, signal }: WatchOptions,
): Promise<BootFacts> {
  const over = new AbortController();
  const { promise: nothing, resolve } = Promise.withResolvers<BootFacts>();
  const ms = Math.max(BOOT_MS.least, Math.min(BOOT_MS.most, endsAt - clock.now()));
  const cancel = clock.after(ms, () => {
    over.abort();
    resolve({ id: null, bootedAt: null });
  });
  try {
    const asked = bootOf(host, AbortSignal.any([signal, over.signal]));
    return await Promise.race([asked, nothing]);
  } finally {
    cancel();
  }
}

/** Whether a host has started since. That it was away, and has come back, is no proof. */
function isNewStart({ id, bootedAt }: BootFacts, before: Before | undefined): boolean {
  if (before === undefined) return false;
  if (before.bootId !== null && id !== null) return id !== before.bootId;
  return bootedAt !== null && bootedAt > before.time;
}
