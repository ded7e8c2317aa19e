import assert from "node:assert/strict";
import { createSseParser, type SseEvent } from "../../lib/mcp/sse_parser.ts";

const encoder = new TextEncoder();

const STREAMS: readonly (readonly [string, string, readonly SseEvent[]])[] = [
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
  ["an unfinished event", "data: a\n", []],
  ["characters of several bytes", "data: aé€😀\n\n", [{ event: "message", data: "aé€😀" }]],
];

for (const [what, text, events] of STREAMS) {
  for (const size of [1, 2, 3, 1_000]) {
    Deno.test(`createSseParser() reads ${what} in chunks of ${size}`, () => {
      const parse = createSseParser({ maxBytes: 1_000 });
      const bytes = encoder.encode(text);
      const found: SseEvent[] = [];
      for (let start = 0; start < bytes.length; start += size) {
        found.push(...parse(bytes.subarray(start, start + size)));
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
  Deno.test(`createSseParser() throws on ${what}`, () => {
    const parse = createSseParser({ maxBytes: 100 });
    const bytes = encoder.encode(chunk);
    assert.throws(() => {
      for (let count = 0; count < 100; count += 1) parse(bytes);
    }, RangeError);
  });
}

Deno.test("createSseParser() bounds each event, not the stream", () => {
  const parse = createSseParser({ maxBytes: 20 });
  for (let count = 0; count < 100; count += 1) {
    assert.equal(parse(encoder.encode("data: 0123456789\n\n")).length, 1);
  }
});

Deno.test("createSseParser() throws on bytes that are no UTF-8", () => {
  const parse = createSseParser({ maxBytes: 100 });
  assert.throws(() => parse(new Uint8Array([0xff])), TypeError);
});
