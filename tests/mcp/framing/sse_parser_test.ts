import assert from "node:assert/strict";
import { SseParser } from "../../../lib/mcp/framing/sse_parser.ts";

const encoder = new TextEncoder();

/** An event, its data as text. */
interface TextEvent {
  readonly event: string;
  readonly data: string;
}

function parse(parser: SseParser, chunk: Uint8Array): TextEvent[] {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return Array.from(
    parser.push(chunk),
    ({ event, data }) => ({ event, data: decoder.decode(data) }),
  );
}

const STREAMS: readonly (readonly [string, string, readonly TextEvent[]])[] = [
  ["one event", "data: a\n\n", [{ event: "message", data: "a" }]],
  ["a named event", "event: x\ndata: a\n\n", [{ event: "x", data: "a" }]],
  ["lines of data", "data: a\ndata: b\n\n", [{ event: "message", data: "a\nb" }]],
  ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", [
    { event: "message", data: "a" },
    { event: "message", data: "b" },
  ]],
  ["lines of data that end in CRLF", "data: a\r\ndata: b\r\n\r\n", [
    { event: "message", data: "a\nb" },
  ]],
  ["CR", "data: a\r\rdata: b\r\r", [
    { event: "message", data: "a" },
    { event: "message", data: "b" },
  ]],
  ["a byte order mark", "\ufeffdata: a\n\n", [{ event: "message", data: "a" }]],
  ["comments, ids and retry", ": c\nid: 1\nretry: 5\ndata: a\n\n", [{
    event: "message",
    data: "a",
  }]],
  ["an event without data", "event: x\n\ndata: a\n\n", [{ event: "message", data: "a" }]],
  ["empty data", "data\n\n", [{ event: "message", data: "" }]],
  ["one space of two", "data:  a\n\n", [{ event: "message", data: " a" }]],
  ["no space", "data:a:b\n\n", [{ event: "message", data: "a:b" }]],
  ["a byte order mark in data", "data: \ufeffa\n\n", [{ event: "message", data: "\ufeffa" }]],
  ["other fields", "datum: b\nda: c\ndata-x: d\ndata: a\n\n", [{ event: "message", data: "a" }]],
  ["a long name of a field", `${"data".repeat(99)}: b\ndata: a\n\n`, [
    { event: "message", data: "a" },
  ]],
  ["long data", `data: ${"x".repeat(100_000)}\ndata: y\n\ndata: a\n\n`, [
    { event: "message", data: `${"x".repeat(100_000)}\ny` },
    { event: "message", data: "a" },
  ]],
  ["an empty line of data", "data: a\ndata:\ndata: b\n\n", [{ event: "message", data: "a\n\nb" }]],
  ["empty lines", "\n\r\n\rdata: a\n\n", [{ event: "message", data: "a" }]],
  ["an unfinished event", "data: a\n", []],
  ["characters of several bytes", "data: aé€😀\n\n", [{ event: "message", data: "aé€😀" }]],
];

for (const [what, text, events] of STREAMS) {
  for (const size of [1, 2, 3, 1_000]) {
    Deno.test(`SseParser.push() reads ${what} in chunks of ${size}`, () => {
      using parser = new SseParser({ maxBytes: 200_000 });
      const bytes = encoder.encode(text);
      const found: TextEvent[] = [];
      for (let start = 0; start < bytes.length; start += size) {
        found.push(...parse(parser, bytes.subarray(start, start + size)));
      }
      assert.deepEqual(found, events);
    });
  }
}

for (
  const [what, chunk] of [
    ["an endless line", "data: x"],
    ["an endless event", "data: x\n"],
    ["endless comments", ": x\n"],
  ] satisfies [string, string][]
) {
  Deno.test(`SseParser.push() throws on ${what}`, () => {
    using parser = new SseParser({ maxBytes: 100 });
    const bytes = encoder.encode(chunk);
    assert.throws(() => {
      for (let count = 0; count < 100; count += 1) parse(parser, bytes);
    }, RangeError);
  });
}

Deno.test("SseParser.push() bounds each event, not the stream", () => {
  using parser = new SseParser({ maxBytes: 20 });
  for (let count = 0; count < 100; count += 1) {
    assert.equal(parse(parser, encoder.encode("data: 0123456789\n\n")).length, 1);
  }
});
