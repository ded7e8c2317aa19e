import { concat } from "../../base/bytes.ts";

const LF = 0x0a;

/** One line of input, without its end; or that it was longer than allowed, and thrown away. */
export type Line =
  | { readonly kind: "line"; readonly bytes: Uint8Array }
  | { readonly kind: "too_long" };

/**
 * Splits bytes at LF as they come. Holds one line at most, and of that no more than `maxBytes`.
 * What follows the last LF is a line too, unless it is empty, or the input was cut off there: ends
 * when the input ends or fails, or when `signal` aborts.
 */
export async function* readLines(
  input: ReadableStream<Uint8Array>,
  options: { readonly maxBytes: number; readonly signal: AbortSignal },
): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let size = 0;

  function takeLine(): Line {
    const line: Line = size > options.maxBytes
      ? { kind: "too_long" }
      : { kind: "line", bytes: concat(parts, size) };
    parts = [];
    size = 0;
    return line;
  }

  for await (const chunk of readChunks(input, options.signal)) {
    if (chunk === "end") {
      if (size > 0) yield takeLine();
      return;
    }
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      parts.push(chunk.subarray(start, end));
      size += end - start;
      start = end + 1;
      yield takeLine();
    }
    size += chunk.byteLength - start;
    if (size > options.maxBytes) parts = [];
    else parts.push(chunk.subarray(start));
  }
}

/** The chunks, and that they have come to their end: not where they fail, or nobody wants more. */
async function* readChunks(
  input: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array | "end"> {
  const reader = input.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel);
  if (signal.aborted) cancel();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done && !signal.aborted) yield "end";
      if (done) return;
      yield value;
    }
  } catch {
    // The other end broke off: nothing more will come.
  } finally {
    signal.removeEventListener("abort", cancel);
    reader.releaseLock();
  }
}
