import assert from "node:assert/strict";
import type { StreamEnd } from "../../lib/http/paced_stream.ts";
import { createSseStream } from "../../lib/http/sse_stream.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";

function openStream() {
  const clock = createFakeClock();
  const ends: StreamEnd[] = [];
  const onEnd = (how: StreamEnd) => ends.push(how);
  const stream = createSseStream({ clock, keepAliveMs: 15_000, stallMs: 30_000, onEnd });
  const close = (...pieces: readonly string[]) =>
    stream.close(pieces.map((piece) => new TextEncoder().encode(piece)));
  return { clock, stream, close, ends, text: () => new Response(stream.body).text() };
}

Deno.test("createSseStream() writes events, keep-alives, and a last event", async () => {
  const { clock, stream, close, ends, text } = openStream();
  stream.offer("1");
  const written = text();
  await Promise.resolve();
  clock.advance(30_000);
  close('"two', ' pieces"');
  stream.offer("3");
  assert.equal(
    await written,
    "event: message\ndata: 1\n\n: keep-alive\n\n: keep-alive\n\n" +
      'event: message\ndata: "two pieces"\n\n',
  );
  assert.deepEqual(ends, ["read"]);
  assert.equal(clock.pending(), 0);
});

Deno.test("createSseStream() writes no keep-alives where none are asked for, and keeps no timer", () => {
  const clock = createFakeClock();
  createSseStream({ clock, keepAliveMs: null, stallMs: 30_000, onEnd: () => {} });
  assert.equal(clock.pending(), 0);
});

Deno.test("createSseStream() ends without a last event", async () => {
  const { close, text } = openStream();
  close();
  assert.equal(await text(), "");
});

Deno.test("createSseStream() drops what a slow client could do without, never the last event", async () => {
  const { stream, close, text } = openStream();
  const taken = Array.from({ length: 100 }, () => stream.offer("x".repeat(10_000)));
  assert.deepEqual(taken.map((isTaken, at) => isTaken === at < 7), Array(100).fill(true));
  assert.ok(stream.waitingBytes() > 70_000);
  close("last");
  const written = await text();
  assert.equal(written.match(/data: x/g)?.length, 7);
  assert.match(written, /data: last\n\n$/);
  assert.equal(stream.waitingBytes(), 0);
});

Deno.test("createSseStream() reports a client that closes, and keeps no timer", async () => {
  const { clock, stream, close, ends } = openStream();
  await stream.body.cancel();
  assert.deepEqual(ends, ["gone"]);
  assert.equal(clock.pending(), 0);
  stream.offer("1");
  close("2");
  assert.deepEqual(ends, ["gone"]);
});

Deno.test("createSseStream() gives up on a client that reads nothing, and keeps no timer", () => {
  const { clock, close, ends } = openStream();
  clock.advance(14_999);
  close("2");
  clock.advance(29_999);
  assert.deepEqual(ends, []);
  clock.advance(1);
  assert.deepEqual(ends, ["stalled"]);
  assert.equal(clock.pending(), 0);
});
