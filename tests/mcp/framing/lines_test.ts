import assert from "node:assert/strict";
import { readLines } from "../../../lib/mcp/framing/lines.ts";

const encoder = new TextEncoder();

async function linesOf(chunks: readonly string[], maxBytes = 100): Promise<string[]> {
  const input = ReadableStream.from(chunks.map((chunk) => encoder.encode(chunk)));
  const found: string[] = [];
  for await (const line of readLines(input, { maxBytes, signal: new AbortController().signal })) {
    found.push(line.kind === "line" ? new TextDecoder().decode(line.bytes) : "(too long)");
  }
  return found;
}

const INPUTS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["lines", ["a\nb\n"], ["a", "b"]],
  ["a line in pieces", ["a", "b", "c\nd", "\n"], ["abc", "d"]],
  ["empty lines", ["\n\n"], ["", ""]],
  ["what follows the last LF", ["a\nb"], ["a", "b"]],
  ["what follows the last LF, in pieces", ["a\nb", "c"], ["a", "bc"]],
  ["a last line without LF that is too long", ["0123456", "789x"], ["(too long)"]],
  ["nothing", [], []],
  ["a line of just the length", ["0123456789\n"], ["0123456789"]],
  ["a line too long", ["0123456789x\nb\n"], ["(too long)", "b"]],
  ["a line too long in pieces", ["012345", "6789x", "yz", "y\nb\n"], ["(too long)", "b"]],
];

for (const [what, chunks, lines] of INPUTS) {
  Deno.test(`readLines() returns ${what}`, async () => {
    assert.deepEqual(await linesOf(chunks, 10), lines);
  });
}

Deno.test("readLines() ends when its signal aborts, and cancels the input", async () => {
  const stop = new AbortController();
  let isCancelled = false;
  const input = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode("a\n")),
    cancel() {
      isCancelled = true;
    },
  });
  for await (const _line of readLines(input, { maxBytes: 10, signal: stop.signal })) stop.abort();
  assert.equal(isCancelled, true);
});

Deno.test("readLines() returns no line that its signal has cut off", async () => {
  const stop = new AbortController();
  const input = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode("a\nb")),
  });
  const found: string[] = [];
  for await (const line of readLines(input, { maxBytes: 10, signal: stop.signal })) {
    found.push(line.kind);
    setTimeout(() => stop.abort(), 5);
  }
  assert.deepEqual(found, ["line"]);
});

Deno.test("readLines() returns no line that a broken input has cut off", async () => {
  const chunks = [encoder.encode("a\nb")];
  const input = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.error(new Error("broken pipe"));
      else controller.enqueue(chunk);
    },
  });
  const found: string[] = [];
  const { signal } = new AbortController();
  for await (const line of readLines(input, { maxBytes: 10, signal })) found.push(line.kind);
  assert.deepEqual(found, ["line"]);
});

Deno.test("readLines() ends when the input breaks off", async () => {
  const input = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("broken pipe")),
  });
  const { signal } = new AbortController();
  for await (const _line of readLines(input, { maxBytes: 10, signal })) assert.fail();
});
