import { terminate } from "../dev/terminate.ts";
import type { Bench } from "./bench.ts";

/** How long a program may take to open its port. */
const START_MS = 20_000;
/** How long a program may take to exit after SIGTERM. */
const END_MS = 3_000;
/** How much of a program's standard error is kept, to explain why it did not start. */
const KEPT_CHARACTERS = 2_000;
/** The only variables that programs inherit, so that no setting leaks into the measurement. */
const PASSED_ON = ["PATH", "HOME", "DENO_DIR"];

/** A program that listens on a port of 127.0.0.1. */
export interface ProgramCommand {
  /** A file, or a name on the PATH. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly port: number;
}

/** A running program; it ends with the bench at the latest. */
export interface RunningProgram extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** Why it exited; null while it runs. */
  readonly fault: () => string | null;
  /** The end of what it has written to standard error. */
  readonly said: () => string;
}

/** Starts a program without waiting for its port. */
export function launch(
  command: ProgramCommand,
  { signal }: Pick<Bench, "signal">,
): RunningProgram {
  const child = new Deno.Command(command.program, {
    args: [...command.args],
    env: { ...passedOn(), ...command.env },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let status: Deno.CommandStatus | null = null;
  let said = "";
  const reading = keepEnd(child.stderr, (text) => said = text);
  const ended = child.status.then((result) => status = result);
  const stop = () => terminate(child);
  signal.addEventListener("abort", stop);
  return {
    port: command.port,
    pid: child.pid,
    fault: () => status && `"${command.program}" ended with code ${status.code}: ${said.trim()}`,
    said: () => said,
    async [Symbol.asyncDispose]() {
      signal.removeEventListener("abort", stop);
      stop();
      const timer = setTimeout(() => terminate(child, "SIGKILL"), END_MS);
      await Promise.all([ended, reading]);
      clearTimeout(timer);
    },
  };
}

/** Starts a program and waits until its port is open. Throws an `Error` if it exits first. */
export async function startProgram(
  command: ProgramCommand,
  bench: Pick<Bench, "signal">,
): Promise<RunningProgram> {
  return await untilReady(launch(command, bench), bench);
}

/** Waits until a program's port is open; returns the program. Stops the program if it fails. */
export async function untilReady(
  program: RunningProgram,
  { signal }: Pick<Bench, "signal">,
): Promise<RunningProgram> {
  try {
    await untilListening(program, signal);
    return program;
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
}

async function untilListening(
  { port, fault }: RunningProgram,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    signal.throwIfAborted();
    const reason = fault();
    if (reason !== null) throw new Error(`Cannot start a program: ${reason}`);
    if (performance.now() > deadline) throw new Error(`Nothing listens on port ${port}`);
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

/** The path of a program on the PATH; null: it is not installed. */
export async function findProgram(name: string): Promise<string | null> {
  const directories = (Deno.env.get("PATH") ?? "").split(":");
  for (const directory of [...directories, "/usr/sbin"]) {
    const path = `${directory}/${name}`;
    if (await isFile(path)) return path;
  }
  return null;
}

/** Variables that programs need to run at all. */
export function passedOn(): Record<string, string> {
  const known = PASSED_ON.map((name): [string, string | undefined] => [name, Deno.env.get(name)]);
  return Object.fromEntries(known.flatMap(([name, value]) => value ? [[name, value]] : []));
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

async function keepEnd(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  keep: (text: string) => void,
): Promise<void> {
  let end = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    end = (end + text).slice(-KEPT_CHARACTERS);
    keep(end);
  }
}
