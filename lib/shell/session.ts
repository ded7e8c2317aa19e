import type { ChildProcess } from "../base/process.ts";
import { frame, type FrameCommand, frameMarkers, readyRequest } from "./frame.ts";
import type { OutputCapture } from "./output.ts";
import type { OutputStream } from "./ring.ts";
import { type Section, SectionReader } from "./sections.ts";
import { type GaveUp, within } from "../base/within.ts";

/** Time between two heartbeats; the far side ends the command after 30 s without one. */
const HEARTBEAT_MS = 5_000;
/** How long the far side may take to end a command (TERM, a second, KILL) and to say so. */
const END_GRACE_MS = 3_000;
/** How long what a dead process wrote may still be under way in its pipes. */
const DRAIN_MS = 200;
/** How long the shell may take to leave by itself once its command has ended. */
const LEAVE_MS = 100;
/** How long it may take to leave after SIGTERM. */
const TERM_MS = 500;
/** Input is written in pieces, so that closing it takes effect in the middle of a long one. */
const INPUT_PIECE_BYTES = 128 * 1024;
/** How much is kept of what came before the command: enough for ssh's own message. */
const MAX_NOISE_CHARACTERS = 4_096;

/** What ended a command, or the wait for it. */
export type Ended = "itself" | GaveUp | "output_full";

/** What is known of a command that was handed to a shell. */
export type SessionResult =
  /**
   * The shell never was ready, so nothing has run. `exitCode` is null if the shell had to be
   * killed; `noise` is what it said on stderr, such as ssh's own error message.
   */
  | {
    readonly kind: "not_started";
    readonly why: "exited" | GaveUp;
    readonly exitCode: number | null;
    readonly noise: string;
  }
  /** The end marker came: it ran. */
  | { readonly kind: "ran"; readonly exitCode: number; readonly ended: Ended }
  /** It was sent, and no end marker came: nobody knows. */
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
  readonly #readers: readonly SectionReader[];
  readonly #ready = Promise.withResolvers<void>();
  readonly #full = Promise.withResolvers<"output_full">();
  readonly #codes: Promise<readonly number[]>;
  /** The shell has exited, and its pipes were given time to drain. */
  readonly #gone: Promise<"exited">;
  #exitCode: number | null = null;
  #commandExitCode: number | null = null;
  #noise = "";
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  constructor(child: ChildProcess, options: SessionOptions) {
    this.#child = child;
    this.#options = options;
    const markers = frameMarkers(options.nonce);
    const ready: Section = {
      until: markers.ready,
      onBytes: (bytes) => this.#keepNoise(bytes),
      onEnd: () => this.#ready.resolve(),
    };
    const stdout = this.#commandSections("stdout");
    const stderr = this.#commandSections("stderr");
    this.#codes = Promise.all([stdout.code, stderr.code]);
    this.#readers = [
      new SectionReader(child.stdout, stdout.sections),
      new SectionReader(child.stderr, [ready, ...stderr.sections]),
    ];
    this.#gone = this.#watchExit();
  }

  async run(): Promise<SessionResult> {
    const { readyWithinMs, signal } = this.#options;
    this.#send(readyRequest(this.#options.nonce));
    const first = await within(
      Promise.race([this.#ready.promise, this.#gone]),
      readyWithinMs,
      signal,
    );
    if (first !== undefined) {
      return { kind: "not_started", why: first, exitCode: this.#exitCode, noise: this.#noise };
    }
    this.#options.onReady?.();
    const ended = await this.#runCommand();
    return this.#commandExitCode === null
      ? { kind: "lost", ended }
      : { kind: "ran", exitCode: this.#commandExitCode, ended };
  }

  /** Ends the shell, if it has not left by itself, and closes its pipes. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#heartbeat);
    this.#child.closeInput();
    if (await within(this.#child.exited, LEAVE_MS) === "timeout") {
      this.#child.kill("SIGTERM");
      if (await within(this.#child.exited, TERM_MS) === "timeout") this.#child.kill("SIGKILL");
    }
    await this.#child.exited;
    await Promise.all(this.#readers.map((reader) => reader.cancel()));
    await this.#gone;
  }

  /** Sends the command and waits for its end marker; tells what ended the wait. */
  async #runCommand(): Promise<Ended> {
    const { nonce, command, runWithinMs, signal } = this.#options;
    this.#send(frame(nonce, command), command.input).then(
      () => this.#startHeartbeat(),
      () => {},
    );
    const over = Promise.race([this.#codes, this.#gone]);
    const first = await within(Promise.race([over, this.#full.promise]), runWithinMs, signal);
    if (typeof first !== "string" || first === "exited") return "itself";
    this.#child.closeInput();
    await within(over, END_GRACE_MS);
    return first;
  }

  #commandSections(stream: OutputStream): { sections: Section[]; code: Promise<number> } {
    const { nonce, output, onOutput } = this.#options;
    const markers = frameMarkers(nonce);
    const { promise: code, resolve } = Promise.withResolvers<number>();
    let digits = "";
    const sections: Section[] = [
      { until: markers.start },
      {
        until: markers.end,
        onBytes: (bytes) => {
          output.write(stream, bytes);
          onOutput?.(bytes);
          if (output.truncated) this.#onFull();
        },
      },
      {
        until: "\n",
        onBytes: (bytes) => digits += new TextDecoder().decode(bytes),
        onEnd: () => {
          this.#commandExitCode = Number(digits);
          resolve(Number(digits));
        },
      },
    ];
    return { sections, code };
  }

  #onFull(): void {
    if (this.#options.stopWhenFull) this.#full.resolve("output_full");
  }

  #keepNoise(bytes: Uint8Array): void {
    if (this.#noise.length < MAX_NOISE_CHARACTERS) this.#noise += new TextDecoder().decode(bytes);
  }

  async #watchExit(): Promise<"exited"> {
    this.#exitCode = (await this.#child.exited).code;
    await within(Promise.all(this.#readers.map((reader) => reader.closed)), DRAIN_MS);
    return "exited";
  }

  /** Writes to the shell. A shell that no longer reads has exited, which `#gone` tells. */
  async #send(text: string, bytes: Uint8Array | null = null): Promise<void> {
    try {
      await this.#child.write(new TextEncoder().encode(text));
      if (bytes === null) return;
      for (let at = 0; at < bytes.length; at += INPUT_PIECE_BYTES) {
        await this.#child.write(bytes.subarray(at, at + INPUT_PIECE_BYTES));
      }
    } catch {
      // See above.
    }
  }

  #startHeartbeat(): void {
    if (this.#closed) return;
    this.#heartbeat = setInterval(() => this.#send("\n"), HEARTBEAT_MS);
  }
}
