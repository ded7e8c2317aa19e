import { type Clock, systemClock } from "../../../lib/base/time/clock.ts";
import { type ChildProcess, type ProcessCommand, spawnProcess } from "../../../lib/base/process.ts";
import { HUB } from "../../../lib/fleet/claimant.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import { ALL_TOOLS } from "../../../lib/fleet/rules.ts";
import {
  createSsh,
  type Ssh,
  type SshResult,
  type SshRunOptions,
} from "../../../lib/fleet/ssh/client.ts";
import { openSshControl } from "../../../lib/fleet/ssh/control.ts";
import type { Script } from "../../../lib/work/script.ts";
import { holdIn } from "../../held_command.ts";
import { SSHD, startSshd, type TestSshd, type TestSshdOptions } from "../../sshd.ts";

/** What a script over ssh came to, in short. */
export interface ScriptResult {
  readonly kind: SshResult["kind"];
  readonly exitCode: number | null;
  readonly ended: string | null;
  /** Why it did not run, or is unknown; null: it ran. */
  readonly reason: string | null;
  readonly text: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

/** Options of `SshTarget.run()`; what is left out is generous. */
export interface RunOptions extends Partial<SshRunOptions & Script> {
  /** Another host than the test sshd. */
  readonly host?: Host;
}

/** A way over ssh to a host. */
export interface SshTarget extends AsyncDisposable {
  readonly ssh: Ssh;
  readonly host: Host;
  /** The private directory of the control sockets. */
  readonly control: string;
  /** What was started, in order. */
  readonly children: readonly {
    readonly process: ChildProcess;
    readonly command: ProcessCommand;
  }[];
  readonly run: (source: string, options?: RunOptions) => Promise<ScriptResult>;
}

/** A `SshTarget` whose host is a real sshd. */
export interface SshdTarget extends SshTarget {
  readonly sshd: TestSshd;
}

/** Declares a test that needs a real sshd; its name says so where there is none. */
export function sshTest(name: string, run: (test: Deno.TestContext) => Promise<void>): void {
  Deno.test({
    name: SSHD === null ? `${name} (ignored: sshd is not installed)` : name,
    ignore: SSHD === null,
    fn: run,
  });
}

/** A host of the registry that is reached over ssh alone. */
export function sshHost(options: { sshHost?: string; sshMs?: number } = {}): Host {
  return {
    name: options.sshHost ?? "target",
    sshHost: options.sshHost ?? "target",
    lmcpUrl: null,
    natsName: null,
    token: null,
    tokenVariable: null,
    tags: [],
    rules: ALL_TOOLS,
    callTools: new Set(),
    wake: null,
    timeouts: {
      connectMs: 3_000,
      lmcpMs: 6_000,
      sshMs: options.sshMs ?? 10_000,
      sshHardMs: 30_000,
    },
  };
}

/** A real sshd, and the way to it as the hub has it. */
export async function openSshdTarget(
  options: TestSshdOptions & Omit<SshTargetOptions, "configFile" | "control"> = {},
): Promise<SshdTarget> {
  const sshd = await startSshd(options);
  const target = await openSshTarget({ ...options, configFile: sshd.sshConfig });
  return {
    ...target,
    sshd,
    [Symbol.asyncDispose]: async () => {
      await target[Symbol.asyncDispose]();
      await sshd[Symbol.asyncDispose]();
    },
  };
}

/** A real sshd that keeps whoever logs in waiting. */
export interface GatedTarget extends SshdTarget {
  /** Lets in who waits, and who comes. */
  readonly letIn: () => Promise<void>;
}

/** A real sshd that lets nobody in before its gate is open. */
export async function openGatedTarget(): Promise<GatedTarget> {
  const directory = await Deno.makeTempDir({ prefix: "gate-" });
  const wait = `until [ -e ${directory}/open ]; do sleep 0.1; done`;
  const target = await openSshdTarget({ serverConfig: [`ForceCommand ${wait}; bash -s`] });
  return {
    ...target,
    letIn: () => Deno.writeTextFile(`${directory}/open`, ""),
    [Symbol.asyncDispose]: async () => {
      await target[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** A call that runs until it is let go. */
export interface HeldCall {
  readonly ended: Promise<ScriptResult>;
  readonly letGo: () => Promise<void>;
}

/** Starts a call, and waits until it runs. Once it is let go, it runs the rest of its script. */
export async function holdCall(
  target: SshdTarget,
  rest: string,
  options: RunOptions = {},
): Promise<HeldCall> {
  const { command, untilBegun, letGo } = await holdIn(target.sshd.directory);
  const ended = target.run(`${command}; ${rest}`, options);
  await untilBegun();
  return { ended, letGo };
}

/** Options of `openSshTarget()`. */
export interface SshTargetOptions {
  readonly configFile: string;
  readonly program?: string;
  /** A control directory that another hub uses, too; default: a new one. */
  readonly control?: string;
  readonly secretVariables?: readonly string[];
  /** How many sessions may wait for calls; default: none. */
  readonly spares?: number;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Called when the control directory cannot be used any more. */
  readonly warn?: (error: unknown) => void;
}

/** The way to what an ssh configuration file calls `target`. */
export async function openSshTarget(options: SshTargetOptions): Promise<SshTarget> {
  const control = options.control ?? await Deno.makeTempDir({ prefix: "ctl-" });
  const children: { process: ChildProcess; command: ProcessCommand }[] = [];
  const ssh = createSsh({
    client: {
      program: options.program ?? "ssh",
      configFile: options.configFile,
      secretVariables: () => options.secretVariables ?? [],
    },
    spawn: (command) => {
      const process = spawnProcess(command);
      children.push({ process, command });
      return process;
    },
    control: await openSshControl(control, options),
    spares: () => options.spares ?? 0,
    clock: options.clock ?? systemClock,
  });
  const host = sshHost();
  return {
    ssh,
    host,
    control,
    children,
    run: async (source, { host: other = host, ...options } = {}) => {
      const result = await ssh.run(other, scriptOf(source, options), {
        claimant: HUB,
        runMs: 20_000,
        reuse: true,
        signal: new AbortController().signal,
        traceparent: null,
        onProgress: null,
        ...options,
      });
      return inShort(result);
    },
    [Symbol.asyncDispose]: async () => {
      await ssh.close();
      if (options.control === undefined) await Deno.remove(control, { recursive: true });
    },
  };
}

function scriptOf(source: string, options: Partial<Script>): Script {
  const { input = null, wholeOutput = false } = options;
  const { limits = { headBytes: 1024 * 1024, tailBytes: 1024 * 1024 } } = options;
  return { source, input, limits, wholeOutput };
}

function inShort(result: SshResult): ScriptResult {
  const output = result.kind === "not_delivered" ? NO_OUTPUT : result.output.text();
  return {
    kind: result.kind,
    exitCode: result.kind === "unknown" ? null : result.exitCode,
    ended: result.kind === "ran" ? result.ended : null,
    reason: result.kind === "ran" ? null : result.reason,
    ...output,
  };
}

const NO_OUTPUT = { text: "", stdout: "", stderr: "", truncated: false };
