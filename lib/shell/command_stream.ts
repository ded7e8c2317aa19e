import { type FrameMarkers, MAX_END_LENGTH, parseEnd } from "./frame.ts";
import { OutputCapture } from "./output.ts";
import type { OutputStream } from "./ring.ts";
import { type Section, SectionReader } from "./sections.ts";

/** How much is kept of what came before a command: its beginning and its end. */
const NOISE_LIMITS = { headBytes: 2_048, tailBytes: 2_048 };

/** Options of a `CommandStream`. */
export interface CommandStreamOptions {
  readonly name: OutputStream;
  readonly markers: FrameMarkers;
  /** Called each time the shell has said here that it is ready. */
  readonly onReady: () => void;
  /** Called with each piece of the command's output, valid during the call only. */
  readonly onOutput: (bytes: Uint8Array) => void;
}

/** What a shell says of a command's end: how it ended, or that it was not started. */
export type SaidEnd = NonNullable<ReturnType<typeof parseEnd>> | "refused" | "unreadable";

/** One output stream of a shell: what it says of the command, and the command's own output. */
export class CommandStream {
  readonly #options: CommandStreamOptions;
  readonly #reader: SectionReader;
  readonly #ended = Promise.withResolvers<void>();
  #noise = new OutputCapture(NOISE_LIMITS);
  #endText = "";
  /** Whether the command has started. */
  started = false;
  /** What was said of its end; null: nothing. */
  end: SaidEnd | null = null;
  /** Resolves when its end was said, or nothing more can come. */
  readonly over: Promise<void>;

  constructor(source: ReadableStream<Uint8Array>, options: CommandStreamOptions) {
    this.#options = options;
    this.#reader = new SectionReader(source, this.#firstSection());
    this.over = Promise.race([this.#ended.promise, this.#reader.closed]);
  }

  /** Resolves when the stream has been read to its end, or was given up. */
  get closed(): Promise<void> {
    return this.#reader.closed;
  }

  /** What came that is not the command's output, but for what was dropped. */
  get noise(): string {
    return this.#noise.text().text;
  }

  /** Forgets the noise that has come so far. */
  dropNoise(): void {
    this.#noise = new OutputCapture(NOISE_LIMITS);
  }

  /** Stops reading. */
  cancel(): Promise<void> {
    return this.#reader.cancel();
  }

  /** Noise, and each time that it is ready, until the start; output until the end; how it ended. */
  #firstSection(): Section {
    const { name, markers, onReady, onOutput } = this.#options;
    const { start, refused, end } = markers[name];
    const refusal = { marker: refused, next: null, onEnd: () => this.#onEnd("refused") };
    const ending: Section = {
      endings: [{ marker: "\n", next: null, onEnd: () => this.#takeEnd() }],
      onBytes: (bytes) => this.#takeEndText(bytes),
    };
    const output: Section = {
      endings: [{ marker: end, next: ending }, refusal],
      onBytes: onOutput,
    };
    const onBytes = (bytes: Uint8Array) => this.#noise.write(name, bytes);
    const onStart = () => {
      this.started = true;
    };
    const beginnings = [
      { marker: start, next: output, onEnd: onStart },
      refusal,
      { marker: end, next: ending },
    ];
    const ready = {
      marker: markers.ready,
      get next(): Section {
        return waiting;
      },
      onEnd: onReady,
    };
    const waiting: Section = { endings: [ready, ...beginnings], onBytes };
    return waiting;
  }

  #takeEndText(bytes: Uint8Array): void {
    if (this.end !== null) return;
    this.#endText += new TextDecoder().decode(bytes.subarray(0, MAX_END_LENGTH + 1));
    if (this.#endText.length > MAX_END_LENGTH) this.#onEnd("unreadable");
  }

  #takeEnd(): void {
    this.#onEnd(parseEnd(this.#endText) ?? "unreadable");
  }

  #onEnd(end: SaidEnd): void {
    this.end ??= end;
    this.#ended.resolve();
  }
}
