import assert from "node:assert/strict";
import { createSseStream } from "../../lib/http/sse_stream.ts";
import { createFakeClock } from "../base/fake_clock.ts";

function openStream() {
  const clock = createFakeClock();
  const stream = createSseStream({ clock, keepAliveMs: 15_000, onCancel: () => cancels.push(1) });
  const cancels: number[] = [];
  return { clock, stream, cancels, text: () => new Response(stream.body).text() };
}

Deno.test("createSseStream() writes events, keep-alives, and a last event", async () => {
  const { clock, stream, text } = openStream();
  stream.offer("1");
  clock.advance(30_000);
  stream.close("2");
  stream.offer("3");
  assert.equal(
    await text(),
    "event: message\ndata: 1\n\n: keep-alive\n\n: keep-alive\n\nevent: message\ndata: 2\n\n",
  );
  assert.equal(clock.pending(), 0);
});

Deno.test("createSseStream() ends without a last event", async () => {
  const { stream, text } = openStream();
  stream.close(null);
  assert.equal(await text(), "");
});

Deno.test("createSseStream() drops what a slow client could do without, never the last event", async () => {
  const { stream, text } = openStream();
  for (let count = 0; count < 1_000; count += 1) stream.offer("x");
  stream.close("last");
  const written = await text();
  assert.equal(written.match(/data: x/g)?.length, 64);
  assert.match(written, /data: last\n\n$/);
});

Deno.test("createSseStream() tells of a client that closes, and keeps no timer", async () => {
  const { clock, stream, cancels } = openStream();
  await stream.body.cancel();
  assert.equal(cancels.length, 1);
  assert.equal(clock.pending(), 0);
  stream.offer("1");
  stream.close("2");
});
