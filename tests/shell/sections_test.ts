import assert from "node:assert/strict";
import { type Section, SectionReader } from "../../lib/shell/sections.ts";

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: "bytes",
    // One chunk a read, as a pipe gives what was written at once.
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk !== undefined) return controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
}

/** Section a until `<+>`, then b until `<->`; or only a, until `<!>`; and what they reported. */
function record(): { reported: string[]; first: Section } {
  const reported: string[] = [];
  const onBytes = (name: string) => (bytes: Uint8Array) => {
    reported.push(`${name}:${new TextDecoder().decode(bytes)}`);
  };
  const onEnd = (name: string) => () => void reported.push(`${name} ends`);
  const second: Section = {
    endings: [{ marker: "<->", next: null, onEnd: onEnd("b") }],
    onBytes: onBytes("b"),
  };
  const first: Section = {
    endings: [
      { marker: "<+>", next: second, onEnd: onEnd("a") },
      { marker: "<!>", next: null, onEnd: onEnd("all") },
    ],
    onBytes: onBytes("a"),
  };
  return { reported, first };
}

Deno.test("SectionReader passes each section its bytes and its end", async () => {
  const { reported, first } = record();
  await new SectionReader(streamOf("x<+>y", "z<->dropped"), first).closed;
  assert.deepEqual(reported, ["a:x", "a ends", "b:y", "b:z", "b ends"]);
});

Deno.test("SectionReader finds markers that are cut between chunks", async () => {
  const { reported, first } = record();
  await new SectionReader(streamOf("x<", "+", ">", "<-", ">"), first).closed;
  assert.deepEqual(reported, ["a:x", "a ends", "b ends"]);
});

Deno.test("SectionReader goes on with what follows the marker that came first", async () => {
  const { reported, first } = record();
  await new SectionReader(streamOf("x<", "!>y<+>", "z<->"), first).closed;
  assert.deepEqual(reported, ["a:x", "all ends"]);
});

Deno.test("SectionReader passes on what may have been a marker when the stream ends", async () => {
  const { reported, first } = record();
  await new SectionReader(streamOf("x<+>y<-"), first).closed;
  assert.deepEqual(reported, ["a:x", "a ends", "b:y", "b:<-"]);
});

Deno.test("SectionReader takes a broken stream for ended", async () => {
  const { reported, first } = record();
  const broken = new ReadableStream({
    type: "bytes",
    start(controller) {
      controller.enqueue(new TextEncoder().encode("x"));
      queueMicrotask(() => controller.error(new Error("broken pipe")));
    },
  });
  await new SectionReader(broken, first).closed;
  assert.ok(reported.length <= 1);
});

Deno.test("SectionReader.cancel() stops a stream that never ends", async () => {
  let cancelled = false;
  const endless = new ReadableStream({
    type: "bytes",
    cancel: () => void (cancelled = true),
  });
  const reader = new SectionReader(endless, record().first);
  await reader.cancel();
  assert.equal(cancelled, true);
});
