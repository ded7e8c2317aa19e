import { messageOf } from "../../base/text/error_text.ts";
import { foreignText } from "../../base/text/foreign_text.ts";
import type { ChildProcess, Spawn } from "../../base/process.ts";
import type { FrameClaim } from "../../shell/frame.ts";
import { reportLastLine } from "../../shell/last_line.ts";
import { OutputCapture } from "../../shell/output.ts";
import type { Ended, NothingRan, SessionResult } from "../../shell/conclusion.ts";
import { openShell, type ReadyShell } from "../../shell/ready_shell.ts";
import type { Script, ScriptRun } from "../../work/script.ts";
import type { Host } from "../host.ts";
import { type Call, NO_ROOM } from "../transport.ts";
import { type ControlPath, type SshClient, sshCommand } from "./command.ts";

/** What logging in may take beyond connecting, before ssh counts as stuck. */
const READY_MARGIN_MS = 2_000;

/** What a script that ran over ssh did. */
export interface SshRun extends ScriptRun {
  readonly kind: "ran";
}

/** A script that certainly did not run. */
export interface SshFailure {
  readonly kind: "not_delivered";
  readonly reason: string;
  /** ssh's own; null if it did not exit by itself. */
  readonly exitCode: number | null;
  /** It was the connection that did not lead to a shell: it is not to be used again. */
  readonly badConnection?: true;
  /** Somebody had claimed it, or it could not be claimed. */
  readonly notClaimed?: "taken" | "unclaimable";
}

/** The result of a call over ssh. */
export type SshResult =
  | SshRun
  | SshFailure
  /** It was sent, and nothing says that it ended. */
  | { readonly kind: "unknown"; readonly reason: string; readonly output: OutputCapture };

/** Options of `Ssh.run()`. */
export interface SshRunOptions extends Call {
  /** Longest run of the script. */
  readonly runMs: number;
  /** Whether an open connection may be used, and kept. */
  readonly reuse: boolean;
  /** Whether it may run in a spare session, and has one opened behind it; default: yes, with `reuse`. */
  readonly spares?: boolean;
  /** How the script is claimed on its host before it runs; absent: it is not. */
  readonly frameClaim?: FrameClaim | null;
}

/** A script for a host that has an `sshHost`. */
export interface SshCall {
  readonly host: Host;
  readonly script: Script;
  readonly options: SshRunOptions;
}

/** Options of `runSsh()`. */
export interface SshStart {
  readonly client: SshClient;
  readonly spawn: Spawn;
}

/** How the process of a call reaches the host. */
export interface SshWay {
  /** Where the sockets of kept connections are; null: a connection of its own. */
  readonly directory: string | null;
  /** Called once, when the shell on the host is ready. */
  readonly onReady?: () => void;
}

/** Runs one ssh process for one call. Never rejects for what ssh does. */
export async function runSsh(
  start: SshStart,
  call: SshCall,
  { directory, onReady }: SshWay,
): Promise<SshResult> {
  const { host, options: { signal } } = call;
  const shell = await openSshShell(start, host, { directory, signal });
  if ("kind" in shell) return shell;
  onReady?.();
  return await runInShell(shell, call);
}

/** Starts an ssh process, and waits until its shell is ready. Never rejects for what ssh does. */
export async function openSshShell(
  { client, spawn }: SshStart,
  host: Host,
  { signal, ...control }: ControlPath & { readonly signal: AbortSignal },
): Promise<ReadyShell | SshFailure> {
  let child: ChildProcess;
  try {
    child = spawn(sshCommand(client, host, control));
  } catch (error) {
    return notDelivered(`cannot start ssh: ${messageOf(error)}`);
  }
  const nonce = `Q${crypto.randomUUID().replaceAll("-", "")}`;
  const shell = await openShell(child, { nonce, withinMs: readyMs(host), signal });
  return "kind" in shell ? describeNothing(shell, readyMs(host)) : shell;
}

/** Runs a call in a shell on which nothing has run, and ends that. Never rejects for what ssh does. */
export async function runInShell(
  shell: ReadyShell,
  { script, options }: SshCall,
): Promise<SshResult> {
  const output = new OutputCapture(script.limits);
  const { onProgress, phases } = options;
  const noRoom = new AbortController();
  const onOutput = (bytes: Uint8Array) => {
    if (script.wholeOutput && options.room?.take(bytes.length) === false) noRoom.abort();
    if (onProgress !== null) reportLastLine(bytes, onProgress);
  };
  phases?.enter("run");
  const result = await shell.run({
    command: {
      script: script.source,
      input: script.input,
      inputSeconds: options.runMs / 1000,
      claim: options.frameClaim ?? null,
    },
    output,
    stopWhenFull: script.wholeOutput,
    runWithinMs: options.runMs,
    signal: AbortSignal.any([options.signal, noRoom.signal]),
    onOutput,
  });
  if (noRoom.signal.aborted) return { kind: "unknown", reason: NO_ROOM, output };
  return describe(result, output);
}

function describe(result: SessionResult, output: OutputCapture): SshResult {
  switch (result.kind) {
    case "ran":
      return { ...result, output };
    case "lost":
      return { kind: "unknown", reason: LOST[result.ended], output };
    case "not_started":
      return describeNothing(result, 0);
  }
}

/** Why nothing has run; `waitedMs` is how long the shell had to be ready. */
function describeNothing({ why, exitCode, noise }: NothingRan, waitedMs: number): SshFailure {
  switch (why) {
    case "cancelled":
      return notDelivered("cancelled");
    case "timeout":
      return connectFailed(`no shell within ${waitedMs / 1000} s`, null);
    case "too_late":
      return notDelivered("its time was over before the host's shell had started it");
    case "exited":
      return describeExit(exitCode, firstAndLast(noise));
    case "taken":
    case "unclaimable":
      return { ...notDelivered(firstAndLast(noise) || "no reason given"), notClaimed: why };
    case "refused": {
      const reason = firstAndLast(noise) || "no reason given";
      return notDelivered(`the host's shell could not start it: ${reason}`);
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
function describeExit(exitCode: number | null, said: string): SshFailure {
  if (exitCode === 255) return connectFailed(said, exitCode);
  const reason = `no bash on the host, or its start-up failed: exit ${exitCode}: ${said}`;
  return notDelivered(reason, exitCode);
}

function connectFailed(said: string, exitCode: number | null): SshFailure {
  return { ...notDelivered(`ssh connect failed: ${said}`, exitCode), badConnection: true };
}

/** Longest text that is shown of noise, in characters. */
const MAX_SAID = 200;

/** The first and the last line that say something: a changed host key draws a box of `@` first. */
function firstAndLast(noise: string): string {
  const lines = noise.split("\n").map(trimBox).filter((line) => line !== "");
  const [first = "", last = first] = [...new Set([lines[0], lines.at(-1)])];
  if (first === last) return foreignText(first, MAX_SAID);
  const half = MAX_SAID / 2 - 1;
  return `${foreignText(first, half)}; ${foreignText(last, half)}`;
}

/** A line without the `@` and the space around it; in linear time, whatever it holds. */
function trimBox(line: string): string {
  const isBox = (character: string | undefined) => character === "@" || character?.trim() === "";
  let [start, end] = [0, line.length];
  while (start < end && isBox(line[start])) start++;
  while (end > start && isBox(line[end - 1])) end--;
  return line.slice(start, end);
}

/** How long a host may take until its shell is ready, in milliseconds. */
export function readyMs(host: Host): number {
  return host.timeouts.sshMs + READY_MARGIN_MS;
}

/** The result of a call that certainly did not run. */
export function notDelivered(reason: string, exitCode: number | null = null): SshFailure {
  return { kind: "not_delivered", reason, exitCode };
}
