import { MarkerScanner } from "./markers.ts";

/** A part of a stream that lasts until the first of its markers comes. */
export interface Section {
  readonly endings: readonly Ending[];
  /** Called with each piece of the section, not empty, valid during the call only. */
  readonly onBytes?: (bytes: Uint8Array) => void;
}

/** One way in which a section ends. */
export interface Ending {
  readonly marker: string;
  /** What follows the marker; null: nothing that matters. */
  readonly next: Section | null;
  /** Called when the marker has come. */
  readonly onEnd?: () => void;
}

/** What is read at once: as much as a pipe holds. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Reads a byte stream, such as a process's output, section by section; what follows the last one is
 * dropped. One buffer serves all reads, so that endless output makes no garbage.
 */
export class SectionReader {
  readonly #reader: ReadableStreamBYOBReader;
  #current: { readonly section: Section; readonly scanner: MarkerScanner } | null;
  /** Resolves when the stream has been read to its end, has broken, or was given up. */
  readonly closed: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>, first: Section) {
    this.#reader = stream.getReader({ mode: "byob" });
    this.#current = begin(first);
    this.closed = this.#readAll();
  }

  /** Stops reading, even if another process still holds the other end of the pipe. */
  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
    await this.closed;
  }

  async #readAll(): Promise<void> {
    try {
      let buffer = new ArrayBuffer(CHUNK_BYTES);
      for (;;) {
        const { value, done } = await this.#reader.read(new Uint8Array(buffer));
        if (done) break;
        this.#take(value);
        buffer = value.buffer;
      }
    } catch {
      // A pipe that breaks has ended.
    }
    if (this.#current !== null) emit(this.#current.section, this.#current.scanner.flush());
  }

  #take(chunk: Uint8Array): void {
    let rest = chunk;
    while (this.#current !== null) {
      const { section, scanner } = this.#current;
      const { before, found } = scanner.push(rest);
      emit(section, before);
      const ending = found === null ? undefined : section.endings[found.index];
      if (found === null || ending === undefined) return;
      this.#current = begin(ending.next);
      ending.onEnd?.();
      rest = found.after;
    }
  }
}

function begin(section: Section | null) {
  if (section === null) return null;
  return { section, scanner: new MarkerScanner(section.endings.map(({ marker }) => marker)) };
}

function emit(section: Section, bytes: Uint8Array): void {
  if (bytes.length > 0) section.onBytes?.(bytes);
}
