import assert from "node:assert/strict";
import { type BodyLimits, createBodyReader } from "../../lib/http/body.ts";
import { createFakeClock } from "../base/fake_clock.ts";

const CLOCK = createFakeClock();
const LIMITS: BodyLimits = {
  maxBytes: 200_000,
  maxTotalBytes: 300_000,
  stallMs: 30_000,
  clock: CLOCK,
};
const SIZES = [0, 1, 65_536, 65_537, 200_000];

/** As a client with Content-Length sends it, or in chunks where `length` is null. */
function upload(body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>, length: number | null) {
  const headers = new Headers();
  if (length !== null) headers.set("content-length", String(length));
  return new Request("http://localhost/mcp", { method: "POST", body, headers });
}

function letters(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).fill(97);
}

function chunksOf(size: number): ReadableStream<Uint8Array> {
  const chunks = Array.from({ length: Math.ceil(size / 50_000) }, (_, index) => {
    return letters(Math.min(50_000, size - index * 50_000));
  });
  return ReadableStream.from(chunks);
}

for (const size of SIZES) {
  Deno.test(`createBodyReader() reads ${size} bytes, with a length and in chunks`, async () => {
    const read = createBodyReader(LIMITS);
    for (const request of [upload(letters(size), size), upload(chunksOf(size), null)]) {
      const body = await read(request);
      assert.ok(body.kind === "ok");
      assert.equal(body.text, "a".repeat(size));
      body.release();
    }
    assert.equal(CLOCK.pending(), 0);
  });
}

Deno.test("createBodyReader() refuses a body by its length, unread", async () => {
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    cancel() {
      isCancelled = true;
    },
  });
  const body = await createBodyReader(LIMITS)(upload(stream, 200_001));
  assert.equal(body.kind, "too_large");
  assert.equal(isCancelled, true);
});

Deno.test("createBodyReader() counts a body without length while it comes", async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1;
      controller.enqueue(letters(50_000));
    },
  });
  const body = await createBodyReader(LIMITS)(upload(endless, null));
  assert.equal(body.kind, "too_large");
  assert.ok(sent < 10, `${sent} chunks were taken`);
});

Deno.test("createBodyReader() bounds all bodies together, until they are released", async () => {
  const read = createBodyReader(LIMITS);
  const first = await read(upload(chunksOf(200_000), null));
  assert.ok(first.kind === "ok");
  assert.equal((await read(upload(chunksOf(150_000), null))).kind, "too_many");
  const small = await read(upload(letters(60_000), 60_000));
  assert.ok(small.kind === "ok");
  assert.equal((await read(upload(letters(50_000), 50_000))).kind, "too_many");
  first.release();
  first.release();
  const second = await read(upload(chunksOf(200_000), null));
  assert.ok(second.kind === "ok");
  assert.equal((await read(upload(letters(50_000), 50_000))).kind, "too_many");
});

Deno.test("createBodyReader() gives up on a body that stalls", async () => {
  const clock = createFakeClock();
  const pulled = Promise.withResolvers<void>();
  const stalled = new ReadableStream<Uint8Array>({ pull: () => pulled.resolve() });
  const body = createBodyReader({ ...LIMITS, clock })(upload(stalled, null));
  await pulled.promise;
  clock.advance(30_000);
  assert.equal((await body).kind, "too_slow");
});

Deno.test("createBodyReader() tells of a connection that was lost", async () => {
  for (const length of [10, null]) {
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("reset")),
    });
    assert.equal((await createBodyReader(LIMITS)(upload(broken, length))).kind, "lost");
  }
});

Deno.test("createBodyReader() refuses bytes that are no UTF-8, and holds nothing of them", async () => {
  const read = createBodyReader({ ...LIMITS, maxTotalBytes: 5 });
  for (let count = 0; count < 3; count += 1) {
    assert.equal((await read(upload(new Uint8Array([0xff, 0xfe, 0x80]), 3))).kind, "not_utf8");
  }
});
