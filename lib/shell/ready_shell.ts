import type { ChildProcess } from "../base/process.ts";
import { type GaveUp, within } from "../base/time/within.ts";
import { CommandStream } from "./command_stream.ts";
import { conclude, type Ended, type NothingRan, type SessionResult } from "./conclusion.ts";
import {
  frame,
  type FrameCommand,
  type FrameMarkers,
  frameMarkers,
  readyRequest,
} from "./frame.ts";
import type { OutputCapture } from "./output.ts";
import type { OutputStream } from "./ring.ts";

/** Time between two heartbeats; the far side ends the command after 30 s without one. */
const HEARTBEAT_MS = 5_000;
/** How long the far side may take to end a command (TERM, a second or two, KILL) and to say so. */
const END_GRACE_MS = 5_000;
/** How long what a dead process wrote may still be under way in its pipes. */
const DRAIN_MS = 200;
/** How long the shell may take to exit by itself once its command has ended. */
const EXIT_MS = 100;
/** How long it may take to exit after SIGTERM. */
const TERM_MS = 500;
/** Input is written in pieces, so that closing it takes effect in the middle of a long one. */
const INPUT_PIECE_BYTES = 128 * 1024;

/** How long to wait for a shell to say that it is ready. */
export interface ReadyWait {
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/** A command, and what goes with its run. */
export interface CommandRun {
  readonly command: FrameCommand;
  /** Where the command's output goes. */
  readonly output: OutputCapture;
  /** End the command as soon as `output` has to drop bytes. */
  readonly stopWhenFull: boolean;
  /** Longest run of the command. */
  readonly runWithinMs: number;
  readonly signal: AbortSignal;
  /** Called with each piece of the command's output, valid during the call only. */
  readonly onOutput?: (bytes: Uint8Array) => void;
}

/** A shell that has said that it is ready, in which nothing has run. It takes one command. */
export interface ReadyShell {
  /** Resolves when the shell has exited, and its pipes were given time to drain. */
  readonly gone: Promise<unknown>;
  /** Asks it once more whether it is ready; nothing else may have been sent to it. */
  readonly askAgain: (wait: ReadyWait) => Promise<"ready" | "exited" | GaveUp>;
  /** Runs the command, and ends the shell. Never rejects for what the shell does. */
  readonly run: (run: CommandRun) => Promise<SessionResult>;
  /** Ends the shell, if it has not exited by itself, and closes its pipes. */
  readonly close: () => Promise<void>;
}

/**
 * Waits until a fresh shell is ready. Owns `child`: when the shell is closed, or was not ready, the
 * process is gone and its pipes are closed. `nonce` is a random word of `[A-Za-z0-9]`, new for each
 * shell.
 */
export async function openShell(
  child: ChildProcess,
  { nonce, ...wait }: ReadyWait & { readonly nonce: string },
): Promise<ReadyShell | NothingRan> {
  const shell = new Shell(child, nonce);
  const why = await shell.askAgain(wait);
  if (why === "ready") return shell;
  const result = shell.nothingRan(why);
  await shell.close();
  return result;
}

class Shell implements ReadyShell {
  readonly #child: ChildProcess;
  readonly #nonce: string;
  readonly #stdout: CommandStream;
  readonly #stderr: CommandStream;
  readonly #full = Promise.withResolvers<"output_full">();
  readonly gone: Promise<"exited">;
  #ready = Promise.withResolvers<"ready">();
  /** The stream on which the shell has said that it is ready. */
  #readyOn: OutputStream = "stderr";
  #run: CommandRun | null = null;
  #exitCode: number | null = null;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #closing: Promise<void> | null = null;

  constructor(child: ChildProcess, nonce: string) {
    this.#child = child;
    this.#nonce = nonce;
    const markers = frameMarkers(nonce);
    this.#stdout = new CommandStream(child.stdout, this.#streamOptions("stdout", markers));
    this.#stderr = new CommandStream(child.stderr, this.#streamOptions("stderr", markers));
    this.gone = this.#watchExit();
  }

  async askAgain({ withinMs, signal }: ReadyWait): Promise<"ready" | "exited" | GaveUp> {
    this.#ready = Promise.withResolvers();
    this.#send(readyRequest(this.#nonce));
    const answer = await within(
      Promise.race([this.#ready.promise, this.gone]),
      withinMs,
      signal,
    );
    if (answer === "ready") this.#streams.forEach((stream) => stream.dropNoise());
    return answer;
  }

  async run(run: CommandRun): Promise<SessionResult> {
    try {
      const ended = await this.#runCommand(run);
      return conclude({
        streams: this.#streams,
        ended,
        nothingRan: (why) => this.nothingRan(why),
      });
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  nothingRan(why: NothingRan["why"]): NothingRan {
    const noise = this.#stderr.noise.trim() === "" ? this.#stdout.noise : this.#stderr.noise;
    return { kind: "not_started", why, exitCode: this.#exitCode, noise };
  }

  get #streams(): readonly CommandStream[] {
    return [this.#stdout, this.#stderr];
  }

  async #close(): Promise<void> {
    clearInterval(this.#heartbeat);
    this.#child.closeInput();
    if (await within(this.#child.exited, EXIT_MS) === "timeout") {
      this.#child.kill("SIGTERM");
      if (await within(this.#child.exited, TERM_MS) === "timeout") this.#child.kill("SIGKILL");
    }
    await this.#child.exited;
    await Promise.all(this.#streams.map((stream) => stream.cancel()));
    await this.gone;
  }

  /** Sends the command and waits for its end marker; returns what ended the wait. */
  async #runCommand(run: CommandRun): Promise<Ended> {
    this.#run = run;
    const { command, runWithinMs, signal } = run;
    const text = frame(this.#nonce, command, { readyOn: this.#readyOn });
    this.#send(text, command.input).then(
      () => this.#startHeartbeat(),
      () => {},
    );
    const over = Promise.all(this.#streams.map((stream) => stream.over)).then(() => "over");
    const end = Promise.race([over, this.gone]);
    const first = await within(Promise.race([end, this.#full.promise]), runWithinMs, signal);
    if (first !== "output_full" && first !== "timeout" && first !== "cancelled") return "itself";
    this.#child.closeInput();
    await within(end, END_GRACE_MS);
    return first;
  }

  #streamOptions(name: OutputStream, markers: FrameMarkers) {
    return {
      name,
      markers,
      onReady: () => {
        this.#readyOn = name;
        this.#ready.resolve("ready");
      },
      onOutput: (bytes: Uint8Array) => this.#takeOutput(name, bytes),
    };
  }

  #takeOutput(name: OutputStream, bytes: Uint8Array): void {
    if (this.#run === null) return;
    const { output, onOutput, stopWhenFull } = this.#run;
    output.write(name, bytes);
    onOutput?.(bytes);
    if (stopWhenFull && output.truncated) this.#full.resolve("output_full");
  }

  async #watchExit(): Promise<"exited"> {
    this.#exitCode = (await this.#child.exited).code;
    await within(Promise.all(this.#streams.map((stream) => stream.closed)), DRAIN_MS);
    return "exited";
  }

  /** Writes to the shell. Never rejects. */
  async #send(text: string, bytes: Uint8Array | null = null): Promise<void> {
    try {
      await this.#child.write(new TextEncoder().encode(text));
      if (bytes === null) return;
      for (let at = 0; at < bytes.length; at += INPUT_PIECE_BYTES) {
        await this.#child.write(bytes.subarray(at, at + INPUT_PIECE_BYTES));
      }
    } catch {
      // A shell that no longer reads has exited, which `gone` reports.
    }
  }

  #startHeartbeat(): void {
    if (this.#closing !== null) return;
    this.#heartbeat = setInterval(() => this.#send("\n"), HEARTBEAT_MS);
  }
}
