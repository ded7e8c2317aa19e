import assert from "node:assert/strict";
import { PacedStream, type StreamEnd } from "../../lib/http/paced_stream.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";

const encode = (text: string) => new TextEncoder().encode(text);

function setUp() {
  const clock = createFakeClock();
  const ends: StreamEnd[] = [];
  const stream = new PacedStream({ clock, stallMs: 1_000, onEnd: (how) => ends.push(how) });
  const reader = stream.body.getReader();
  const read = async () => {
    const { done, value } = await reader.read();
    return done ? null : new TextDecoder().decode(value);
  };
  return { clock, ends, stream, reader, read };
}

Deno.test("PacedStream hands out pieces in order, and ends when all are read", async () => {
  const { clock, ends, stream, read } = setUp();
  stream.push(encode("a"));
  stream.push(encode("bc"));
  assert.equal(stream.waitingBytes, 3);
  assert.equal(await read(), "a");
  assert.equal(stream.waitingBytes, 2);
  stream.end();
  stream.push(encode("too late"));
  assert.equal(await read(), "bc");
  assert.deepEqual(ends, []);
  assert.equal(await read(), null);
  assert.deepEqual(ends, ["read"]);
  assert.equal(clock.pending(), 0);
});

Deno.test("PacedStream hands out a piece that comes while it is waited for", async () => {
  const { stream, read, ends } = setUp();
  const first = read();
  stream.push(encode("a"));
  assert.equal(await first, "a");
  const last = read();
  stream.end();
  assert.equal(await last, null);
  assert.deepEqual(ends, ["read"]);
});

Deno.test("PacedStream gives up on a client that reads nothing, and lets its pieces go", async () => {
  const { clock, stream, read, ends } = setUp();
  for (const piece of ["a", "b", "c"]) stream.push(encode(piece));
  stream.end();
  assert.equal(await read(), "a");
  clock.advance(999);
  assert.equal(await read(), "b");
  clock.advance(999);
  assert.deepEqual(ends, []);
  clock.advance(1);
  assert.deepEqual(ends, ["stalled"]);
  assert.equal(stream.waitingBytes, 0);
  assert.equal(await read(), null);
  assert.equal(clock.pending(), 0);
});

Deno.test("PacedStream waits for pieces as long as none waits for the client", async () => {
  const { clock, stream, read, ends } = setUp();
  stream.push(encode("a"));
  assert.equal(await read(), "a");
  clock.advance(60_000);
  assert.deepEqual(ends, []);
  stream.end();
  assert.equal(await read(), null);
});

Deno.test("PacedStream reports a client that goes away, whether it waits or not", async () => {
  for (const waits of [true, false]) {
    const { clock, stream, reader, read, ends } = setUp();
    const waiting = waits ? read() : null;
    if (!waits) stream.push(encode("a"));
    await reader.cancel();
    assert.deepEqual(ends, ["gone"]);
    assert.equal(stream.waitingBytes, 0);
    assert.equal(await waiting, null);
    stream.push(encode("b"));
    stream.end();
    assert.equal(clock.pending(), 0);
    assert.deepEqual(ends, ["gone"]);
  }
});
