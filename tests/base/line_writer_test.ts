import assert from "node:assert/strict";
import { createLineWriter, type LineWriter } from "../../lib/base/line_writer.ts";
import { createFakeClock } from "./time/fake_clock.ts";

/** A writer, and a place to write to that does what the test says. */
function setUp(maxPending = 1_000) {
  const clock = createFakeClock();
  const texts: string[] = [];
  const events: string[] = [];
  const place = {
    texts,
    events,
    fails: false,
    gate: Promise.resolve(),
  };
  const writer: LineWriter = createLineWriter({
    append: async (text) => {
      await place.gate;
      if (place.fails) throw new Error("disk full");
      texts.push(text);
    },
    maxPending,
    clock,
    onFailure: (error) => events.push(`failed: ${error}`),
    onRecovery: (lost) => events.push(`recovered, ${lost} lost`),
  });
  return { place, writer, clock };
}

/** Resolves when what can go on has gone on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

Deno.test("LineWriter.write() writes lines of one turn together, in order", async () => {
  const { place, writer } = setUp();
  for (const line of ["a", "b", "c"]) writer.write(line);
  await writer.flushed();
  assert.deepEqual(place.texts, ["a\nb\nc\n"]);
});

Deno.test("LineWriter.write() collects lines while earlier ones are being written", async () => {
  const { place, writer } = setUp();
  const gate = Promise.withResolvers<void>();
  place.gate = gate.promise;
  writer.write("a");
  await Promise.resolve();
  await Promise.resolve();
  for (const line of ["b", "c"]) writer.write(line);
  gate.resolve();
  await writer.flushed();
  assert.deepEqual(place.texts, ["a\n", "b\nc\n"]);
});

Deno.test("LineWriter.flushed() resolves at once where nothing waits", async () => {
  await setUp().writer.flushed();
});

Deno.test("LineWriter counts lost lines, and reports each change of state once", async () => {
  const { place, writer } = setUp();
  place.fails = true;
  for (const line of ["a", "b"]) {
    writer.write(line);
    await writer.flushed();
  }
  assert.equal(writer.lost(), 2);
  place.fails = false;
  for (const line of ["c", "d"]) {
    writer.write(line);
    await writer.flushed();
  }
  place.fails = true;
  writer.write("e");
  await writer.flushed();
  assert.deepEqual(place.texts, ["c\n", "d\n"]);
  assert.deepEqual(place.events, [
    "failed: Error: disk full",
    "recovered, 2 lost",
    "failed: Error: disk full",
  ]);
  assert.equal(writer.lost(), 3);
});

Deno.test("LineWriter bounds what waits for a slow disk, and loses the rest", async () => {
  const { place, writer } = setUp(10);
  const gate = Promise.withResolvers<void>();
  place.gate = gate.promise;
  for (let count = 0; count < 20; count++) writer.write("1234");
  assert.equal(writer.lost(), 18);
  gate.resolve();
  await writer.flushed();
  assert.deepEqual(place.texts, ["1234\n1234\n"]);
  assert.deepEqual(place.events, [
    "failed: Error: More than 10 characters wait to be written",
    "recovered, 18 lost",
  ]);
});

Deno.test("LineWriter.write() resolves when its line is written, or with why it is lost", async () => {
  const { place, writer } = setUp(10);
  const gate = Promise.withResolvers<void>();
  place.gate = gate.promise;
  let isWritten = false;
  const written = writer.write("a").then((loss) => {
    isWritten = true;
    return loss;
  });
  await settle();
  assert.equal(isWritten, false);
  gate.resolve();
  assert.equal(await written, null);
  place.fails = true;
  assert.equal((await writer.write("b"))?.message, "disk full");
  assert.match((await writer.write("12345678901"))?.message ?? "", /^More than 10 characters/);
});

Deno.test("LineWriter.writeSoon() waits ten milliseconds for other lines", async () => {
  const { place, writer, clock } = setUp();
  writer.writeSoon("a");
  writer.writeSoon("b");
  await settle();
  clock.advance(9);
  await settle();
  assert.deepEqual(place.texts, []);
  clock.advance(1);
  await writer.flushed();
  assert.deepEqual(place.texts, ["a\nb\n"]);
  assert.equal(clock.pending(), 0);
});

Deno.test("LineWriter.writeSoon() goes with a line that is urgent, and with flushed()", async () => {
  const { place, writer, clock } = setUp();
  writer.writeSoon("a");
  await writer.write("b");
  writer.writeSoon("c");
  await writer.flushed();
  assert.deepEqual(place.texts, ["a\nb\n", "c\n"]);
  assert.equal(clock.pending(), 0);
});

Deno.test("LineWriter.writeSoon() does not forget a line that comes while others are written", async () => {
  const { place, writer } = setUp();
  const gate = Promise.withResolvers<void>();
  place.gate = gate.promise;
  writer.write("a");
  await settle();
  writer.writeSoon("b");
  gate.resolve();
  await writer.flushed();
  assert.deepEqual(place.texts, ["a\n", "b\n"]);
});

Deno.test("LineWriter.write() waits for lines that are to be written together", async () => {
  const gathered = Promise.withResolvers<void>();
  const texts: string[] = [];
  const writer = createLineWriter({
    append: (text) => Promise.resolve(void texts.push(text)),
    maxPending: 1_000,
    gather: () => gathered.promise,
    onFailure: () => {},
    onRecovery: () => {},
  });
  writer.write("a");
  await settle();
  const written = writer.write("b");
  gathered.resolve();
  assert.equal(await written, null);
  assert.deepEqual(texts, ["a\nb\n"]);
});
