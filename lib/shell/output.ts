import { crc32 } from "node:zlib";
import { concat } from "../base/bytes.ts";
import { OutputRing, type OutputStream } from "./ring.ts";

/** The output of a command as text. What was not valid UTF-8 is U+FFFD. */
export interface OutputText {
  /** Both streams in order of arrival, with a line between head and tail if bytes are missing. */
  readonly text: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

/** How many bytes of a command's output are kept: its beginning and its end. */
export interface OutputLimits {
  readonly headBytes: number;
  readonly tailBytes: number;
}

/**
 * Collects both output streams of a command in a bounded space, in order of arrival. Bytes are
 * copied out of the chunks, since a short chunk may be a view of a long buffer.
 */
export class OutputCapture implements Disposable {
  readonly #head: OutputRing;
  readonly #tail: OutputRing;
  readonly #checksums = { stdout: 0, stderr: 0 };

  constructor(limits: OutputLimits) {
    this.#head = new OutputRing(limits.headBytes);
    this.#tail = new OutputRing(limits.tailBytes);
  }

  /** Whether bytes had to be dropped. */
  get truncated(): boolean {
    return this.#tail.dropped.stdout + this.#tail.dropped.stderr > 0;
  }

  write(stream: OutputStream, bytes: Uint8Array): void {
    this.#checksums[stream] = crc32(bytes, this.#checksums[stream]);
    const room = Math.min(this.#head.room, bytes.length);
    if (room > 0) this.#head.push(stream, bytes.subarray(0, room));
    if (room < bytes.length) this.#tail.push(stream, bytes.subarray(room));
  }

  /** The CRC-32 of all bytes of one stream, also of those that were dropped. */
  checksum(stream: OutputStream): number {
    return this.#checksums[stream];
  }

  /** The kept bytes of one stream, head and tail, as they lie in memory. */
  parts(stream: OutputStream): readonly Uint8Array[] {
    return [...this.#head.parts(), ...this.#tail.parts()]
      .filter((part) => part.stream === stream)
      .map(({ bytes }) => bytes);
  }

  /** The same, joined. */
  bytes(stream: OutputStream): Uint8Array<ArrayBuffer> {
    const parts = this.parts(stream);
    return concat(parts, parts.reduce((sum, { length }) => sum + length, 0));
  }

  /** Lets go of all bytes at once, rather than when they are found to be garbage. */
  [Symbol.dispose](): void {
    this.#head[Symbol.dispose]();
    this.#tail[Symbol.dispose]();
  }

  text(): OutputText {
    const decoder = new OutputDecoder();
    for (const part of this.#head.parts()) decoder.write(part.stream, part.bytes);
    if (this.truncated) decoder.gap(this.#tail.dropped);
    for (const part of this.#tail.parts()) decoder.write(part.stream, part.bytes);
    return { ...decoder.end(), truncated: this.truncated };
  }
}

/** Joins the parts of two streams as text, where a character may span several parts. */
class OutputDecoder {
  #text: string[] = [];
  #streams = { stdout: new StreamDecoder(), stderr: new StreamDecoder() };

  write(stream: OutputStream, bytes: Uint8Array): void {
    this.#text.push(this.#streams[stream].write(bytes));
  }

  gap(dropped: Readonly<Record<OutputStream, number>>): void {
    this.#text.push(gapLine(dropped.stdout + dropped.stderr));
    this.#streams.stdout.gap(dropped.stdout);
    this.#streams.stderr.gap(dropped.stderr);
  }

  end(): { text: string; stdout: string; stderr: string } {
    this.#text.push(this.#streams.stdout.end(), this.#streams.stderr.end());
    return {
      text: this.#text.join(""),
      stdout: this.#streams.stdout.text,
      stderr: this.#streams.stderr.text,
    };
  }
}

class StreamDecoder {
  #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #parts: string[] = [];
  #skipRest = false;

  get text(): string {
    return this.#parts.join("");
  }

  write(bytes: Uint8Array): string {
    let from = 0;
    if (this.#skipRest) {
      // The rest of a character whose beginning was dropped: continuation bytes are 10xxxxxx.
      while (from < bytes.length && ((bytes[from] ?? 0) & 0xc0) === 0x80) from++;
      this.#skipRest = from === bytes.length;
    }
    const text = this.#decoder.decode(bytes.subarray(from), { stream: true });
    this.#parts.push(text);
    return text;
  }

  gap(dropped: number): void {
    if (dropped === 0) return;
    this.#decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    this.#skipRest = true;
    this.#parts.push(gapLine(dropped));
  }

  end(): string {
    const text = this.#decoder.decode();
    this.#parts.push(text);
    return text;
  }
}

function gapLine(bytes: number): string {
  return `\n[... ${bytes} bytes are missing here ...]\n`;
}
