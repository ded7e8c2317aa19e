import type { ChildProcess } from "../base/process.ts";
import { type GaveUp, within } from "../base/time/within.ts";
import { CommandStream, type SaidEnd } from "./command_stream.ts";
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

/** What ended a command, or the wait for it. */
export type Ended = "itself" | GaveUp | "output_full";

/** Why nothing has run. */
export type NotStarted =
  /** The shell exited before it was ready. */
  | "exited"
  /** It was ready, but could not start the command, which certainly will not start later either. */
  | "refused"
  /** Somebody has claimed it before. */
  | "taken"
  /** It could not be claimed. */
  | "unclaimable"
  | GaveUp;

/** What is known of a command that was handed to a shell. */
export type SessionResult =
  /**
   * Nothing has run. `exitCode` is null if the shell had to be killed; `noise` is what it said,
   * such as ssh's own error message.
   */
  | {
    readonly kind: "not_started";
    readonly why: NotStarted;
    readonly exitCode: number | null;
    readonly noise: string;
  }
  /** It ran, and its shell has said how it ended. */
  | {
    readonly kind: "ran";
    readonly exitCode: number;
    readonly ended: Ended;
    /** It was to be ended, but some process of it is still there, such as another user's. */
    readonly remains?: true;
  }
  /** It was sent, and its shell has not said how it ended: nobody knows. */
  | { readonly kind: "lost"; readonly ended: Ended };

/** Options of `runInSession()`. */
export interface SessionOptions {
  /** A random word of `[A-Za-z0-9]`, new for each session. */
  readonly nonce: string;
  readonly command: FrameCommand;
  /** Where the command's output goes. */
  readonly output: OutputCapture;
  /** End the command as soon as `output` has to drop bytes. */
  readonly stopWhenFull: boolean;
  /** Longest wait for the shell to be ready. */
  readonly readyWithinMs: number;
  /** Longest run of the command after that. */
  readonly runWithinMs: number;
  readonly signal: AbortSignal;
  /** Called once, when the shell is ready. */
  readonly onReady?: () => void;
  /** Called with each piece of the command's output, valid during the call only. */
  readonly onOutput?: (bytes: Uint8Array) => void;
}

/**
 * Runs one command in a fresh shell, and ends that shell. Owns `child`: when the promise is
 * settled, the process is gone and its pipes are closed. Never rejects for what the child does.
 */
export async function runInSession(
  child: ChildProcess,
  options: SessionOptions,
): Promise<SessionResult> {
  const session = new Session(child, options);
  try {
    return await session.run();
  } finally {
    await session.close();
  }
}

class Session {
  readonly #child: ChildProcess;
  readonly #options: SessionOptions;
  readonly #stdout: CommandStream;
  readonly #stderr: CommandStream;
  /** The stream on which the shell has said that it is ready. */
  readonly #ready = Promise.withResolvers<{ readonly on: OutputStream }>();
  readonly #full = Promise.withResolvers<"output_full">();
  /** The shell has exited, and its pipes were given time to drain. */
  readonly #gone: Promise<"exited">;
  #exitCode: number | null = null;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  constructor(child: ChildProcess, options: SessionOptions) {
    this.#child = child;
    this.#options = options;
    const markers = frameMarkers(options.nonce);
    this.#stdout = new CommandStream(child.stdout, this.#streamOptions("stdout", markers));
    this.#stderr = new CommandStream(child.stderr, this.#streamOptions("stderr", markers));
    this.#gone = this.#watchExit();
  }

  async run(): Promise<SessionResult> {
    const { readyWithinMs, signal } = this.#options;
    this.#send(readyRequest(this.#options.nonce));
    const ready = await within(
      Promise.race([this.#ready.promise, this.#gone]),
      readyWithinMs,
      signal,
    );
    if (typeof ready === "string") return this.#notStarted(ready);
    for (const stream of this.#streams) stream.dropNoise();
    this.#options.onReady?.();
    return this.#conclude(await this.#runCommand(ready.on));
  }

  /** Ends the shell, if it has not exited by itself, and closes its pipes. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#heartbeat);
    this.#child.closeInput();
    if (await within(this.#child.exited, EXIT_MS) === "timeout") {
      this.#child.kill("SIGTERM");
      if (await within(this.#child.exited, TERM_MS) === "timeout") this.#child.kill("SIGKILL");
    }
    await this.#child.exited;
    await Promise.all(this.#streams.map((stream) => stream.cancel()));
    await this.#gone;
  }

  get #streams(): readonly CommandStream[] {
    return [this.#stdout, this.#stderr];
  }

  /** Sends the command and waits for its end marker; returns what ended the wait. */
  async #runCommand(readyOn: OutputStream): Promise<Ended> {
    const { nonce, command, runWithinMs, signal } = this.#options;
    const text = frame(nonce, command, { readyOn });
    this.#send(text, command.input).then(
      () => this.#startHeartbeat(),
      () => {},
    );
    const over = Promise.all(this.#streams.map((stream) => stream.over)).then(() => "over");
    const end = Promise.race([over, this.#gone]);
    const first = await within(Promise.race([end, this.#full.promise]), runWithinMs, signal);
    if (first !== "output_full" && first !== "timeout" && first !== "cancelled") return "itself";
    this.#child.closeInput();
    await within(end, END_GRACE_MS);
    return first;
  }

  /** What the streams have said, as far as they agree. */
  #conclude(ended: Ended): SessionResult {
    const ends = this.#streams.map(({ end }) => end).filter((end) => end !== null);
    const [end] = ends;
    const lost: SessionResult = { kind: "lost", ended };
    if (end === undefined || !ends.every((other) => isSameEnd(other, end))) return lost;
    if (end === "unreadable") return lost;
    if (!this.#streams.some(({ started }) => started)) {
      return this.#notStarted(typeof end === "string" ? end : "refused");
    }
    if (typeof end === "string") return lost;
    const { exitCode, remains } = end;
    return { kind: "ran", exitCode, ended, ...(remains ? { remains } : {}) };
  }

  #notStarted(why: NotStarted): SessionResult {
    const noise = this.#stderr.noise.trim() === "" ? this.#stdout.noise : this.#stderr.noise;
    return { kind: "not_started", why, exitCode: this.#exitCode, noise };
  }

  #streamOptions(name: OutputStream, markers: FrameMarkers) {
    const { output, onOutput, stopWhenFull } = this.#options;
    return {
      name,
      markers,
      onReady: () => this.#ready.resolve({ on: name }),
      onOutput: (bytes: Uint8Array) => {
        output.write(name, bytes);
        onOutput?.(bytes);
        if (stopWhenFull && output.truncated) this.#full.resolve("output_full");
      },
    };
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
      // A shell that no longer reads has exited, which `#gone` reports.
    }
  }

  #startHeartbeat(): void {
    if (this.#closed) return;
    this.#heartbeat = setInterval(() => this.#send("\n"), HEARTBEAT_MS);
  }
}

function isSameEnd(one: SaidEnd, other: SaidEnd): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return one.exitCode === other.exitCode && one.remains === other.remains;
}
