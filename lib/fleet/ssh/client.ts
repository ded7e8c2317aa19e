import type { Clock } from "../../base/time/clock.ts";
import { within } from "../../base/time/within.ts";
import type { Script } from "../../work/script.ts";
import { HUB } from "../claimant.ts";
import type { Host } from "../host.ts";
import { createLimiter, type NoPermit } from "../limiter.ts";
import { createLimits, type Load } from "../limits.ts";
import { destinationOf, refusesOptions, type SshClient, sshExitCommand } from "./command.ts";
import { createConfigStamp } from "./config_stamp.ts";
import type { SshControl } from "./control.ts";
import { createForwards, type Forwards, NO_FORWARDS } from "./forward.ts";
import { openSpare, runInSpare } from "./in_spare.ts";
import { createReuse, type Reuse } from "./reuse.ts";
import {
  notDelivered,
  readyMs,
  runSsh,
  type SshCall,
  type SshFailure,
  type SshResult,
  type SshRun,
  type SshRunOptions,
  type SshStart,
  type SshWay,
} from "./run.ts";
import { Spares } from "./spares.ts";

export type { SshResult, SshRun, SshRunOptions };

/** To one destination: sshd's `MaxSessions` is 10, and two are left for the operator's own. */
const SESSIONS_PER_HOST = 8;
/** ssh processes in all. */
export const SESSIONS = 64;
/** ssh processes that connect for ports that are forwarded, beside those of calls. */
const CONNECTING = 64;
/** Calls that may wait for a session, for each host and in all, and for how long. */
const WAITING_PER_HOST = 64;
const WAITING = 1024;
const WAIT_MS = 30_000;
/** Time for `ssh -O exit` when the program stops. */
const EXIT_MS = 1_000;

/** The hub as a user of ssh. */
export interface Ssh {
  /** Runs a script on a host that has an `sshHost`. Never rejects for what ssh does. */
  readonly run: (host: Host, script: Script, options: SshRunOptions) => Promise<SshResult>;
  /** Has the next call to a host make a connection. What runs over the one that is kept goes on. */
  readonly renew: (host: Host) => void;
  /** Opens a session ahead of the next call to a host with a connection that is kept. */
  readonly warm: (host: Host) => void;
  /** Ports of hosts that are forwarded through the connections that are kept. */
  readonly forwards: Forwards;
  /** Ends spare sessions, and the connections that were kept. */
  readonly close: () => Promise<void>;
  /** ssh processes of calls, and calls that wait for one. */
  readonly load: () => Load;
  /** Sessions that wait for a call, and how many calls have run in one. */
  readonly spares: () => SpareCounts;
}

/** How many spare sessions there are, and were of use. */
export interface SpareCounts {
  readonly waiting: number;
  readonly taken: number;
}

/** Options of `createSsh()`. */
export interface SshOptions extends SshStart {
  /** null: connections are not reused. */
  readonly control: SshControl | null;
  /** How many sessions may wait for calls; absent: none. They need connections that are reused. */
  readonly spares?: () => number;
  readonly clock: Clock;
}

/** Shows that a connection leads to a shell. */
const NOTHING: Script = {
  source: "exit 0\n",
  input: null,
  limits: { headBytes: 1024, tailBytes: 0 },
  wholeOutput: false,
};
const NOTHING_MS = 5_000;

/** Makes the ssh transport. */
export function createSsh(options: SshOptions): Ssh {
  const { control, clock } = options;
  const total = createLimiter({ running: SESSIONS, waiting: WAITING, waitMs: WAIT_MS, clock });
  const connecting = createLimiter({
    running: CONNECTING,
    waiting: WAITING,
    waitMs: WAIT_MS,
    clock,
  });
  const perHost = createLimits({
    running: SESSIONS_PER_HOST,
    waiting: WAITING_PER_HOST,
    waitMs: WAIT_MS,
    clock,
  });
  const onLeave = (sshHost: string) => spares.leave(sshHost);
  const stampConfig = createConfigStamp(options.client.configFile);
  const reuse = control === null
    ? null
    : createReuse({ control, now: clock.now, stampConfig, onLeave });
  const spares: Spares = new Spares({
    most: options.spares ?? (() => 0),
    open: (host, signal) => openSpare(host, { start: { ...options, client }, reuse, signal }),
    hasPlace: (sshHost): boolean => {
      const { running, waiting } = perHost.of(sshHost);
      return running < SESSIONS_PER_HOST && waiting === 0 &&
        total.running + spares.count < SESSIONS;
    },
    clock,
  });
  const used = new Map<string, Host>();
  let client: SshClient = options.client;

  /** A place among all, which no spare holds any longer. */
  async function acquirePlace({ options: { claimant, signal } }: SshCall) {
    const place = await total.acquire(claimant, signal);
    spares.keep(SESSIONS - total.running);
    return place;
  }

  /** Runs a call in the spare of its destination; null: nothing has run, since none is of use. */
  async function runInTaken(call: SshCall): Promise<SshResult | null> {
    const sshHost = destinationOf(call.host);
    spares.cancelDue(sshHost);
    if (reuse === null || !spares.has(sshHost)) return null;
    const place = await acquirePlace(call);
    if (typeof place === "string") return noPlace(place, SESSIONS, "in all");
    using _place = place;
    return await runInSpare(call, { spares, reuse });
  }

  /** A call that waits for another's connection holds no place in here: it has no process. */
  async function runProcess(call: SshCall, way: SshWay): Promise<SshResult> {
    const place = await acquirePlace(call);
    if (typeof place === "string") return noPlace(place, SESSIONS, "in all");
    using _place = place;
    call.options.phases?.enter("connect");
    return await runAsKnown(call, way);
  }

  /** What an ssh that refuses its options was to run did not run. */
  async function runAsKnown(call: SshCall, way: SshWay): Promise<SshResult> {
    const { isOld = false } = client;
    const result = await runSsh({ ...options, client }, call, way);
    if (isOld || result.kind !== "not_delivered" || !refusesOptions(result.reason)) return result;
    client = { ...client, isOld: true };
    return await runSsh({ ...options, client }, call, way);
  }

  async function runInPlace(call: SshCall): Promise<SshResult> {
    const { host, options: { claimant, signal, phases } } = call;
    const sshHost = destinationOf(host);
    phases?.enter("queue");
    const limiter = perHost.of(sshHost);
    const place = await limiter.acquire(claimant, signal);
    if (typeof place === "string") return noPlace(place, SESSIONS_PER_HOST, "to this host");
    using _place = place;
    if (usesSpare(call)) {
      const result = await runInTaken(call);
      if (result !== null) return result;
    } else if (limiter.running === SESSIONS_PER_HOST) spares.drop(sshHost);
    if (reuse === null || !call.options.reuse) return await runProcess(call, { directory: null });
    return await runOverKept(call, reuse, (way) => runProcess(call, way));
  }

  function runOverKept(
    call: SshCall,
    kept: Reuse,
    run: (way: SshWay) => Promise<SshResult>,
  ): Promise<SshResult> {
    const { host, options: { signal } } = call;
    const sshHost = destinationOf(host);
    used.set(sshHost, host);
    return kept.run({ sshHost, signal, openingMs: WAIT_MS + readyMs(host), run });
  }

  /** Beside the places of calls: what is then forwarded needs none, and a dead host takes none. */
  async function connect(kept: Reuse, host: Host, signal: AbortSignal): Promise<SshResult> {
    const place = await connecting.acquire(HUB, signal);
    if (typeof place === "string") return noPlace(place, CONNECTING, "being opened");
    using _place = place;
    const bounds = { runMs: NOTHING_MS, reuse: true, claimant: HUB, signal };
    const options = { ...bounds, traceparent: null, onProgress: null };
    const call: SshCall = { host, script: NOTHING, options };
    return await runOverKept(call, kept, (way) => runAsKnown(call, way));
  }

  const forwards = control === null || reuse === null ? NO_FORWARDS : createForwards({
    ...options,
    control,
    reuse,
    connect: (host, signal) => connect(reuse, host, signal),
  });

  async function run(
    host: Host,
    script: Script,
    runOptions: SshRunOptions,
  ): Promise<SshResult> {
    const call: SshCall = { host, script, options: runOptions };
    const result = await runInPlace(call);
    if (result.kind === "ran" && usesSpare(call)) spares.openBehind(host);
    return result;
  }

  async function closeConnection(sshHost: string, host: Host): Promise<void> {
    if (control === null || !await control.isWarm(sshHost)) return;
    const directory = await control.directoryFor(sshHost);
    if (directory === null) return;
    const child = options.spawn(sshExitCommand(client, host, directory));
    if (await within(child.exited, EXIT_MS) === "timeout") child.kill("SIGKILL");
    await Promise.all([child.exited, child.stdout.cancel(), child.stderr.cancel()]);
    await child.closeInput();
  }

  return {
    run,
    renew: (host) => reuse?.renew(destinationOf(host)),
    warm: (host) => spares.openAhead(host),
    forwards,
    close: async () => {
      await Promise.all([spares.close(), forwards.close()]);
      await Promise.allSettled([...used].map(([sshHost, host]) => closeConnection(sshHost, host)));
      await Promise.all([...used.keys()].map((sshHost) => control?.discard(sshHost)));
    },
    load: () => ({
      running: total.running,
      waiting: total.waiting + perHost.load().waiting,
    }),
    spares: () => ({ waiting: spares.readyCount, taken: spares.taken }),
  };
}

function noPlace(why: NoPermit, limit: number, scope: string): SshFailure {
  switch (why) {
    case "cancelled":
      return notDelivered("cancelled");
    case "full":
      return notDelivered(`busy: ${limit} sessions ${scope} and no room to wait`);
    case "timeout":
      return notDelivered(`busy: ${limit} sessions ${scope} for ${WAIT_MS / 1000} s`);
  }
}

function usesSpare({ options: { reuse, spares = true } }: SshCall): boolean {
  return reuse && spares;
}
