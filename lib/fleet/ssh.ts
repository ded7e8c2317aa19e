import type { ChildProcess, Spawn } from "../process.ts";
import { OutputCapture } from "../shell/output.ts";
import { lastLine } from "../shell/last_line.ts";
import { type Ended, runInSession, type SessionResult } from "../shell/session.ts";
import { within } from "../shell/within.ts";
import type { Host } from "./host.ts";
import { createLimiter, type Limiter, type NoPermit } from "./limiter.ts";
import type { CallOptions, SshProcedure } from "./operation.ts";
import { type SshClient, sshCommand, sshExitCommand } from "./ssh_command.ts";
import type { SshControl } from "./ssh_control.ts";

/** sshd's `MaxSessions` is 10; two are left for the operator's own. */
const SESSIONS_PER_HOST = 8;
/** ssh processes in all. */
const SESSIONS = 64;
/** Calls that may wait for a session, for each host and in all, and for how long. */
const WAITING_PER_HOST = 64;
const WAITING = 1024;
const WAIT_MS = 30_000;
/** What logging in may take beyond connecting, before ssh is taken for stuck. */
const READY_MARGIN_MS = 2_000;
/** Time for `ssh -O exit` when the program stops. */
const EXIT_MS = 1_000;

/** What a script that ran over ssh did. */
export interface SshRun {
  readonly kind: "ran";
  readonly exitCode: number;
  readonly ended: Ended;
  readonly output: OutputCapture;
}

/** What came of a call over ssh. */
export type SshResult =
  | SshRun
  /** The script certainly did not run. `exitCode` is ssh's own; null if it did not exit. */
  | { readonly kind: "not_delivered"; readonly reason: string; readonly exitCode: number | null }
  /** It was sent, and nothing says that it ended. */
  | { readonly kind: "unknown"; readonly reason: string; readonly output: OutputCapture };

/** Options of `Ssh.run()`. */
export interface SshRunOptions extends CallOptions {
  /** Longest run of the script. */
  readonly runMs: number;
  /** Whether an open connection may be used, and kept. */
  readonly reuse: boolean;
}

/** The hub as a user of ssh. */
export interface Ssh {
  /** Runs a script on a host that has an `sshHost`. Never rejects for what ssh does. */
  readonly run: (host: Host, procedure: SshProcedure, options: SshRunOptions) => Promise<SshResult>;
  /** Ends the connections that were kept. */
  readonly close: () => Promise<void>;
  /** Sessions under way, and calls that wait for one. */
  readonly load: () => { readonly running: number; readonly waiting: number };
}

/** What `createSsh()` needs. */
export interface SshOptions {
  readonly client: SshClient;
  readonly spawn: Spawn;
  /** null: connections are not reused. */
  readonly control: SshControl | null;
}

/** Makes the ssh transport. */
export function createSsh(options: SshOptions): Ssh {
  const { control } = options;
  const total = createLimiter({ running: SESSIONS, waiting: WAITING, waitMs: WAIT_MS });
  const perHost = new Map<string, Limiter>();
  /** Destinations to which the first connection is being made; others wait for its outcome. */
  const openings = new Map<string, Promise<SshFailure | null>>();
  const used = new Map<string, Host>();

  function limiterFor(host: Host): Limiter {
    const known = perHost.get(host.name);
    if (known !== undefined) return known;
    const limits = { running: SESSIONS_PER_HOST, waiting: WAITING_PER_HOST, waitMs: WAIT_MS };
    const limiter = createLimiter(limits);
    perHost.set(host.name, limiter);
    return limiter;
  }

  async function run(
    host: Host,
    procedure: SshProcedure,
    runOptions: SshRunOptions,
  ): Promise<SshResult> {
    const place = await limiterFor(host).acquire(runOptions.signal);
    if (typeof place === "string") return noPlace(place, SESSIONS_PER_HOST, "to this host");
    using _place = place;
    const process = await total.acquire(runOptions.signal);
    if (typeof process === "string") return noPlace(process, SESSIONS, "in all");
    using _process = process;
    const call: SshCall = { host, procedure, options: runOptions };
    if (control === null || !runOptions.reuse) return await runOnce(options, call, null);
    return await runReusing(control, destinationOf(host), call);
  }

  async function runReusing(
    control: SshControl,
    sshHost: string,
    call: SshCall,
  ): Promise<SshResult> {
    used.set(sshHost, call.host);
    const directory = await control.directoryFor(sshHost);
    if (await control.isWarm(sshHost)) {
      const result = await runOnce(options, call, directory);
      if (!isStale(result)) return result;
      await control.discard(sshHost);
      await control.directoryFor(sshHost);
    }
    const opening = openings.get(sshHost);
    if (opening === undefined) return await runAsOpener(control, sshHost, call, directory);
    const failure = await within(opening, readyMs(call.host), call.options.signal);
    if (failure === "cancelled") return notDelivered("cancelled");
    // The opener failed, so this call would fail alike: it shares the reason, not another wait.
    if (failure !== null && failure !== "timeout") return failure;
    return await runOnce(options, call, directory);
  }

  async function runAsOpener(
    control: SshControl,
    sshHost: string,
    call: SshCall,
    directory: string,
  ): Promise<SshResult> {
    const opening = Promise.withResolvers<SshFailure | null>();
    openings.set(sshHost, opening.promise);
    const opened = (failure: SshFailure | null) => {
      openings.delete(sshHost);
      opening.resolve(failure);
    };
    const result = await runOnce(options, call, directory, () => opened(null));
    const cancelled = call.options.signal.aborted;
    opened(result.kind === "not_delivered" && !cancelled ? result : null);
    if (isStale(result)) await control.discard(sshHost);
    return result;
  }

  async function leave(sshHost: string, host: Host): Promise<void> {
    if (control === null || !await control.isWarm(sshHost)) return;
    const directory = await control.directoryFor(sshHost);
    const child = options.spawn(sshExitCommand(options.client, host, directory));
    if (await within(child.exited, EXIT_MS) === "timeout") child.kill("SIGKILL");
    await Promise.all([child.exited, child.stdout.cancel(), child.stderr.cancel()]);
    await child.closeInput();
  }

  return {
    run,
    close: async () => {
      await Promise.allSettled([...used].map(([sshHost, host]) => leave(sshHost, host)));
    },
    load: () => ({ running: total.running, waiting: total.waiting }),
  };
}

type SshFailure = Extract<SshResult, { kind: "not_delivered" }>;

interface SshCall {
  readonly host: Host;
  readonly procedure: SshProcedure;
  readonly options: SshRunOptions;
}

/** One ssh process for one call. `directory` null: a connection of its own. */
async function runOnce(
  { client, spawn }: SshOptions,
  { host, procedure, options }: SshCall,
  directory: string | null,
  onReady?: () => void,
): Promise<SshResult> {
  let child: ChildProcess;
  try {
    child = spawn(sshCommand(client, host, { directory }));
  } catch (error) {
    return notDelivered(`cannot start ssh: ${error instanceof Error ? error.message : error}`);
  }
  const output = new OutputCapture(procedure.limits);
  const { onProgress } = options;
  const result = await runInSession(child, {
    nonce: `lmcp${crypto.randomUUID().replaceAll("-", "")}`,
    command: {
      script: procedure.script,
      input: procedure.input,
      inputSeconds: options.runMs / 1000,
    },
    output,
    stopWhenFull: procedure.wholeOutput,
    readyWithinMs: readyMs(host),
    runWithinMs: options.runMs,
    signal: options.signal,
    ...(onReady === undefined ? {} : { onReady }),
    ...(onProgress === null ? {} : { onOutput: (bytes) => tellLastLine(bytes, onProgress) }),
  });
  return describe(result, output, readyMs(host));
}

function describe(result: SessionResult, output: OutputCapture, waitedMs: number): SshResult {
  switch (result.kind) {
    case "ran":
      return { kind: "ran", exitCode: result.exitCode, ended: result.ended, output };
    case "lost":
      return { kind: "unknown", reason: LOST[result.ended], output };
    case "not_started":
      switch (result.why) {
        case "cancelled":
          return notDelivered("cancelled");
        case "timeout":
          return notDelivered(`ssh connect failed: no shell within ${waitedMs / 1000} s`);
        case "exited":
          return notDelivered(exitReason(result.exitCode, result.noise), result.exitCode);
      }
  }
}

const LOST: Readonly<Record<Ended, string>> = {
  itself: "connection lost after the command was sent",
  timeout: "no answer after the command was sent, and it could not be ended",
  cancelled: "cancelled after the command was sent",
  output_full: "connection lost while the output was cut off",
};

/** ssh exits with 255 for its own errors; any other code is of the remote side's start-up. */
function exitReason(exitCode: number | null, noise: string): string {
  const said = saidBySsh(noise);
  if (exitCode === 255) return `ssh connect failed: ${said}`;
  return `no bash on the host, or its start-up failed: exit ${exitCode}: ${said}`;
}

/** The first and the last line that say something: a changed host key draws a box of `@` first. */
function saidBySsh(noise: string): string {
  const lines = noise.split("\n").map((line) => line.replaceAll(/^[@\s]+|[@\s]+$/g, ""))
    .filter((line) => line !== "");
  return [...new Set([lines[0], lines.at(-1)])].filter((line) => line !== undefined).join("; ");
}

/** A shared connection that did not lead to a shell is not to be used again. */
function isStale(result: SshResult): boolean {
  return result.kind === "not_delivered" && result.reason !== "cancelled" &&
    (result.exitCode === null || result.exitCode === 255);
}

function readyMs(host: Host): number {
  return host.timeouts.sshMs + READY_MARGIN_MS;
}

function notDelivered(reason: string, exitCode: number | null = null): SshFailure {
  return { kind: "not_delivered", reason, exitCode };
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

function tellLastLine(bytes: Uint8Array, tell: (line: string) => void): void {
  const line = lastLine(bytes);
  if (line !== null) tell(line);
}

function destinationOf(host: Host): string {
  if (host.sshHost === null) throw new TypeError(`Host "${host.name}" has no ssh_host`);
  return host.sshHost;
}
