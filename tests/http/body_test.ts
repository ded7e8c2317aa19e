import assert from "node:assert/strict";
import { createBudget } from "../../lib/calls/budget.ts";
import { type BodyLimits, createBodyReader } from "../../lib/http/body.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";

const CLOCK = createFakeClock();
const ANN = { name: "ann", isOperator: true };

/** A reader of bodies of 200,000 bytes, and 300,000 of all together, for an operator. */
function createReader(
  options: Partial<Pick<BodyLimits, "clock">> & {
    readonly maxBytes?: number;
    readonly totalBytes?: number;
    readonly places?: number;
  } = {},
) {
  const { clock = CLOCK, maxBytes = 200_000, totalBytes = 300_000, places = 10 } = options;
  const read = createBodyReader({
    places: createBudget(() => places),
    bytes: createBudget(() => totalBytes),
    stallMs: 30_000,
    slackMs: 60_000,
    clock,
  });
  return (request: Request, claimant = ANN, options: { readonly signal?: AbortSignal } = {}) =>
    read(request, { claimant, maxBytes, ...options });
}

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
    const read = createReader();
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
  const body = await createReader()(upload(stream, 200_001));
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
  const body = await createReader()(upload(endless, null));
  assert.equal(body.kind, "too_large");
  assert.ok(sent < 10, `${sent} chunks were taken`);
});

Deno.test("createBodyReader() bounds all bodies together, until they are released", async () => {
  const read = createReader();
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
  const body = createReader({ clock })(upload(stalled, null));
  await pulled.promise;
  clock.advance(30_000);
  assert.equal((await body).kind, "too_slow");
});

Deno.test("createBodyReader() gives up on a body that must make room for others", async () => {
  const clock = createFakeClock();
  const read = createReader({ clock, places: 1 });
  for (const length of [10, null]) {
    const making = new AbortController();
    const body = read(upload(new ReadableStream(), length), ANN, { signal: making.signal });
    making.abort();
    assert.equal((await body).kind, "too_many");
    assert.equal(clock.pending(), 0);
  }
  assert.equal((await read(upload(letters(10), 10))).kind, "ok");
});

Deno.test("createBodyReader() reports a connection that was lost", async () => {
  for (const length of [10, null]) {
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("reset")),
    });
    assert.equal((await createReader()(upload(broken, length))).kind, "lost");
  }
});

Deno.test("createBodyReader() refuses bytes that are no UTF-8, and holds nothing of them", async () => {
  const read = createReader({ totalBytes: 5 });
  for (let count = 0; count < 3; count += 1) {
    assert.equal((await read(upload(new Uint8Array([0xff, 0xfe, 0x80]), 3))).kind, "not_utf8");
  }
});

/** A body that never ends, and brings a piece whenever it is asked to. */
function openUpload(length: number | null) {
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  let isOver = false;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => void (controller = given),
    cancel: () => void (isOver = true),
  });
  return {
    request: upload(body, length),
    send: (size: number) => isOver || controller?.enqueue(letters(size)),
    end: () => isOver || controller?.close(),
  };
}

/** Lets what was sent be read. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("createBodyReader() gives up on a small body that never comes", async () => {
  const clock = createFakeClock();
  const body = createReader({ clock })(openUpload(100).request);
  clock.advance(29_999);
  clock.advance(1);
  assert.equal((await body).kind, "too_slow");
});

Deno.test("createBodyReader() holds nothing for a small body that comes too late", async () => {
  const clock = createFakeClock();
  const read = createReader({ clock, totalBytes: 100 });
  const { request, send, end } = openUpload(100);
  const late = read(request);
  clock.advance(30_000);
  assert.equal((await late).kind, "too_slow");
  send(100);
  end();
  await turn();
  assert.equal((await read(upload(letters(100), 100))).kind, "ok");
});

Deno.test("createBodyReader() gives up on a body that drips", async () => {
  const clock = createFakeClock();
  const { request, send } = openUpload(100_000);
  const body = createReader({ clock })(request);
  for (let pieces = 0; pieces < 3; pieces++) {
    send(10);
    await turn();
    clock.advance(25_000);
  }
  send(10);
  assert.equal((await body).kind, "too_slow");
});

for (
  const [what, pieceBytes, kind] of [
    ["waits for a body that brings 256,000 bytes a second", 2_560_000, "ok"],
    ["gives up on one that brings half of that", 1_280_000, "too_slow"],
  ] as const
) {
  Deno.test(`createBodyReader() ${what}`, async () => {
    const clock = createFakeClock();
    const { request, send, end } = openUpload(null);
    const body = createReader({ clock, maxBytes: 2 ** 30, totalBytes: 2 ** 30 })(request);
    for (let pieces = 0; pieces < 20; pieces++) {
      send(pieceBytes);
      await turn();
      clock.advance(10_000);
    }
    end();
    assert.equal((await body).kind, kind);
  });
}

Deno.test("createBodyReader() bounds how many bodies are read at once, and a client's share of them", async () => {
  const read = createReader({ places: 8 });
  const client = { name: "bob", isOperator: false };
  const slow = Array.from({ length: 4 }, () => openUpload(100_000));
  for (const { request } of slow) read(request, client);
  assert.equal((await read(upload(letters(1), 1), client)).kind, "too_many");
  assert.equal((await read(upload(letters(1), 1))).kind, "ok");
});
