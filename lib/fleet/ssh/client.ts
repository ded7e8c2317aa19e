import type { Clock } from "../../base/time/clock.ts";
import { within } from "../../base/time/within.ts";
import type { Script } from "../../work/script.ts";
import { HUB } from "../claimant.ts";
import type { Host } from "../host.ts";
import type { Permit } from "../limiter.ts";
import type { Load } from "../limits.ts";
import { destinationOf, refusesOptions, type SshClient, sshExitCommand } from "./command.ts";
import { createConfigStamp } from "./config_stamp.ts";
import type { SshControl } from "./control.ts";
import { createForwards, type Forwards, NO_FORWARDS } from "./forward.ts";
import { openSpare, runInSpare } from "./in_spare.ts";
import { createReuse, type Reuse } from "./reuse.ts";
import {
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
import { SESSIONS, Sessions, WAIT_MS } from "./sessions.ts";
import { Spares } from "./spares.ts";

export type { SshResult, SshRun, SshRunOptions };

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

/** Makes the ssh transport. Its functions can be handed on by themselves. */
export function createSsh(options: SshOptions): Ssh {
  const user = new SshUser(options);
  return {
    run: (host, script, runOptions) => user.run(host, script, runOptions),
    renew: (host) => user.renew(host),
    warm: (host) => user.warm(host),
    forwards: user.forwards,
    close: () => user.close(),
    load: () => user.load(),
    spares: () => user.spares(),
  };
}

/** Runs calls in spare sessions and over connections that are kept, where there are any. */
class SshUser {
  readonly forwards: Forwards;
  readonly #options: SshOptions;
  readonly #sessions: Sessions;
  readonly #reuse: Reuse | null;
  readonly #spares: Spares;
  /** What may have a connection that is kept, by destination. */
  readonly #used = new Map<string, Host>();
  #client: SshClient;

  constructor(options: SshOptions) {
    const { client, control, clock } = options;
    const stampConfig = createConfigStamp(client.configFile);
    const onLeave = (sshHost: string) => this.#spares.leave(sshHost);
    const reuse = control && createReuse({ control, now: clock.now, stampConfig, onLeave });
    this.#options = options;
    this.#client = client;
    this.#sessions = new Sessions(clock);
    this.#reuse = reuse;
    this.#spares = new Spares({
      most: options.spares ?? (() => 0),
      open: (host, signal) => openSpare(host, { start: this.#start, reuse, signal }),
      hasPlace: (sshHost) => this.#sessions.hasSpareRoom(sshHost, this.#spares.count),
      clock,
    });
    this.forwards = control && reuse
      ? createForwards({
        ...options,
        control,
        reuse,
        connect: (host, signal) => this.#connect(reuse, host, signal),
      })
      : NO_FORWARDS;
  }

  async run(host: Host, script: Script, options: SshRunOptions): Promise<SshResult> {
    const call: SshCall = { host, script, options };
    const result = await this.#runInSession(call);
    if (result.kind === "ran" && usesSpare(call)) this.#spares.openBehind(host);
    return result;
  }

  renew(host: Host): void {
    this.#reuse?.renew(destinationOf(host));
  }

  warm(host: Host): void {
    this.#spares.openAhead(host);
  }

  load(): Load {
    return this.#sessions.load();
  }

  spares(): SpareCounts {
    return { waiting: this.#spares.readyCount, taken: this.#spares.taken };
  }

  async close(): Promise<void> {
    const { control } = this.#options;
    await Promise.all([this.#spares.close(), this.forwards.close()]);
    await Promise.allSettled([...this.#used.values()].map((host) => this.#closeConnection(host)));
    await Promise.all([...this.#used.keys()].map((sshHost) => control?.discard(sshHost)));
  }

  get #start(): SshStart {
    return { ...this.#options, client: this.#client };
  }

  async #runInSession(call: SshCall): Promise<SshResult> {
    const sshHost = destinationOf(call.host);
    call.options.phases?.enter("queue");
    const session = await this.#sessions.acquireToHost(call);
    if ("kind" in session) return session;
    using _session = session;
    if (usesSpare(call)) {
      const result = await this.#trySpare(call, sshHost);
      if (result !== null) return result;
    } else if (this.#sessions.isFull(sshHost)) this.#spares.drop(sshHost);
    if (this.#reuse === null || !call.options.reuse) {
      return await this.#runProcess(call, { directory: null });
    }
    return await this.#runOverKept(call, this.#reuse, (way) => this.#runProcess(call, way));
  }

  /** Runs a call in the spare of its destination; null: nothing has run, since none is of use. */
  async #trySpare(call: SshCall, sshHost: string): Promise<SshResult | null> {
    this.#spares.cancelDue(sshHost);
    if (this.#reuse === null || !this.#spares.has(sshHost)) return null;
    const place = await this.#takePlace(call);
    if ("kind" in place) return place;
    using _place = place;
    return await runInSpare(call, { spares: this.#spares, reuse: this.#reuse });
  }

  /** A call that waits for another's connection holds no place in here: it has no process. */
  async #runProcess(call: SshCall, way: SshWay): Promise<SshResult> {
    const place = await this.#takePlace(call);
    if ("kind" in place) return place;
    using _place = place;
    call.options.phases?.enter("connect");
    return await this.#runAsKnown(call, way);
  }

  /** A place among all, which no spare holds any longer. */
  async #takePlace(call: SshCall): Promise<Permit | SshFailure> {
    const place = await this.#sessions.acquireInAll(call);
    this.#spares.keep(SESSIONS - this.#sessions.running);
    return place;
  }

  /** What an ssh that refuses its options was to run did not run. */
  async #runAsKnown(call: SshCall, way: SshWay): Promise<SshResult> {
    const { isOld = false } = this.#client;
    const result = await runSsh(this.#start, call, way);
    if (isOld || result.kind !== "not_delivered" || !refusesOptions(result.reason)) return result;
    this.#client = { ...this.#client, isOld: true };
    return await runSsh(this.#start, call, way);
  }

  async #runOverKept(
    call: SshCall,
    reuse: Reuse,
    run: (way: SshWay) => Promise<SshResult>,
  ): Promise<SshResult> {
    const { host, options: { signal } } = call;
    const sshHost = destinationOf(host);
    this.#used.set(sshHost, host);
    return await reuse.run({ sshHost, signal, openingMs: WAIT_MS + readyMs(host), run });
  }

  /** Beside the places of calls: what is then forwarded needs none, and a dead host takes none. */
  async #connect(reuse: Reuse, host: Host, signal: AbortSignal): Promise<SshResult> {
    const place = await this.#sessions.acquireToConnect(signal);
    if ("kind" in place) return place;
    using _place = place;
    const bounds = { runMs: NOTHING_MS, reuse: true, claimant: HUB, signal };
    const options = { ...bounds, traceparent: null, onProgress: null };
    const call: SshCall = { host, script: NOTHING, options };
    return await this.#runOverKept(call, reuse, (way) => this.#runAsKnown(call, way));
  }

  async #closeConnection(host: Host): Promise<void> {
    const { control, spawn } = this.#options;
    const sshHost = destinationOf(host);
    if (control === null || !await control.isWarm(sshHost)) return;
    const directory = await control.directoryFor(sshHost);
    if (directory === null) return;
    const child = spawn(sshExitCommand(this.#client, host, directory));
    if (await within(child.exited, EXIT_MS) === "timeout") child.kill("SIGKILL");
    await Promise.all([child.exited, child.stdout.cancel(), child.stderr.cancel()]);
    await child.closeInput();
  }
}

function usesSpare({ options: { reuse, spares = true } }: SshCall): boolean {
  return reuse && spares;
}
