import { MarkerScanner } from "./markers.ts";

/** A part of a stream that lasts until its marker comes. */
export interface Section {
  readonly until: string;
  /** Called with each piece of the section, not empty, valid during the call only. */
  readonly onBytes?: (bytes: Uint8Array) => void;
  /** Called when the marker has come. */
  readonly onEnd?: () => void;
}

/** What is read at once: as much as a pipe holds. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Reads a byte stream, such as a process's output, as a row of sections; what follows the last one
 * is dropped. One buffer serves all reads, so that endless output makes no garbage.
 */
export class SectionReader {
  readonly #reader: ReadableStreamBYOBReader;
  readonly #sections: { readonly section: Section; readonly scanner: MarkerScanner }[];
  /** Resolves when the stream has been read to its end, has broken, or was given up. */
  readonly closed: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>, sections: readonly Section[]) {
    this.#reader = stream.getReader({ mode: "byob" });
    this.#sections = sections.map((section) => ({
      section,
      scanner: new MarkerScanner(section.until),
    }));
    this.closed = this.#readAll();
  }

  /** Stops reading, whoever may still hold the other end of the pipe. */
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
    const current = this.#sections[0];
    if (current !== undefined) tell(current.section, current.scanner.flush());
  }

  #take(chunk: Uint8Array): void {
    let rest: Uint8Array | null = chunk;
    while (rest !== null) {
      const current = this.#sections[0];
      if (current === undefined) return;
      const { before, after } = current.scanner.push(rest);
      tell(current.section, before);
      if (after !== null) {
        this.#sections.shift();
        current.section.onEnd?.();
      }
      rest = after;
    }
  }
}

function tell(section: Section, bytes: Uint8Array): void {
  if (bytes.length > 0) section.onBytes?.(bytes);
}
