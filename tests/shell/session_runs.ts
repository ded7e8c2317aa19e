import { type ChildProcess, spawnProcess } from "../../lib/base/process.ts";
import type { FrameClaim } from "../../lib/shell/frame.ts";
import { OutputCapture, type OutputText } from "../../lib/shell/output.ts";
import type { SessionResult } from "../../lib/shell/conclusion.ts";
import { runInSession, type SessionOptions } from "../../lib/shell/session.ts";
import { until } from "../processes.ts";

/** Options of `runScript()`; what is left out is generous. */
export interface ScriptOptions extends Partial<Omit<SessionOptions, "command" | "output">> {
  readonly input?: Uint8Array;
  readonly claim?: FrameClaim;
  readonly output?: OutputCapture;
  /** The shell that gets the frame; default: a local bash. */
  readonly child?: ChildProcess;
}

/** What came of a script. */
export interface ScriptRun {
  readonly result: SessionResult;
  readonly output: OutputText;
}

/** Starts a local bash that reads its commands from stdin. */
export function spawnBash(): ChildProcess {
  return spawnProcess({ program: "bash", args: ["--norc", "-s"] });
}

/** Runs a script in a session on a real bash. */
export async function runScript(script: string, options: ScriptOptions = {}): Promise<ScriptRun> {
  const { child = spawnBash(), input, claim = null, ...rest } = options;
  const output = rest.output ?? new OutputCapture({ headBytes: 1 << 20, tailBytes: 0 });
  const result = await runInSession(child, {
    nonce: crypto.randomUUID().replaceAll("-", ""),
    stopWhenFull: false,
    readyWithinMs: 10_000,
    runWithinMs: 20_000,
    signal: new AbortController().signal,
    ...rest,
    command: { script, input: input ?? null, inputSeconds: 20, claim },
    output,
  });
  return { result, output: output.text() };
}

/** Runs a script that is cancelled as soon as it has said something. */
export async function runUntilItSpeaks(
  script: string,
  options: Pick<ScriptOptions, "child" | "claim"> = {},
): Promise<ScriptRun> {
  const caller = new AbortController();
  const { signal } = caller;
  return await runScript(script, { ...options, signal, onOutput: () => caller.abort() });
}

/** Whether a process is there and not a zombie. */
export async function isAlive(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", String(pid)] })
    .output();
  const state = new TextDecoder().decode(stdout).trim();
  return state !== "" && !state.startsWith("Z");
}

/** Waits until a process is gone; returns whether it is. */
export async function isGoneSoon(pid: number): Promise<boolean> {
  return await until(async () => !await isAlive(pid)).then(() => true, () => false);
}
