import { createLineWriter, type LineWriter } from "./line_writer.ts";

/** Where bytes go: a standard stream, as Deno has them. */
export interface ByteSink {
  readonly write: (bytes: Uint8Array) => Promise<number>;
}

/** How lines are written to a stream. */
export interface StreamLinesOptions {
  /** Characters that may wait while nobody reads; lines beyond that are lost. */
  readonly maxPending: number;
  /** Called when lines begin to get lost, with the reason. */
  readonly onFailure: (error: unknown) => void;
  /** The line that says how many were lost, once lines are read again. */
  readonly describeLoss: (lost: number) => string;
}

/**
 * Writes lines to a stream in the background: a pipe that nobody reads keeps a thread waiting, and
 * never the event loop, as a synchronous write would.
 */
export function createStreamLines(stream: ByteSink, options: StreamLinesOptions): LineWriter {
  const { maxPending, onFailure, describeLoss } = options;
  const writer: LineWriter = createLineWriter({
    append: (text) => writeAll(stream, new TextEncoder().encode(text)),
    maxPending,
    onFailure,
    onRecovery: (lost) => writer.write(describeLoss(lost)),
  });
  return writer;
}

async function writeAll(stream: ByteSink, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
}
