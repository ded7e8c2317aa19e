import assert from "node:assert/strict";
import { SectionReader } from "../../lib/shell/sections.ts";

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

/** Two sections, until `+` and until `-`, and what they were told. */
function record() {
  const told: string[] = [];
  const section = (name: string, until: string) => ({
    until,
    onBytes: (bytes: Uint8Array) => told.push(`${name}:${new TextDecoder().decode(bytes)}`),
    onEnd: () => told.push(`${name} ends`),
  });
  return { told, sections: [section("a", "<+>"), section("b", "<->")] };
}

Deno.test("SectionReader tells each section its bytes and its end", async () => {
  const { told, sections } = record();
  await new SectionReader(streamOf("x<+>y", "z<->dropped"), sections).closed;
  assert.deepEqual(told, ["a:x", "a ends", "b:y", "b:z", "b ends"]);
});

Deno.test("SectionReader finds markers that are cut between chunks", async () => {
  const { told, sections } = record();
  await new SectionReader(streamOf("x<", "+", ">", "<-", ">"), sections).closed;
  assert.deepEqual(told, ["a:x", "a ends", "b ends"]);
});

Deno.test("SectionReader tells what may have been a marker when the stream ends", async () => {
  const { told, sections } = record();
  await new SectionReader(streamOf("x<+>y<-"), sections).closed;
  assert.deepEqual(told, ["a:x", "a ends", "b:y", "b:<-"]);
});

Deno.test("SectionReader takes a broken stream for ended", async () => {
  const { told, sections } = record();
  const broken = new ReadableStream({
    type: "bytes",
    start(controller) {
      controller.enqueue(new TextEncoder().encode("x"));
      queueMicrotask(() => controller.error(new Error("broken pipe")));
    },
  });
  await new SectionReader(broken, sections).closed;
  assert.ok(told.length <= 1);
});

Deno.test("SectionReader.cancel() stops a stream that never ends", async () => {
  let cancelled = false;
  const endless = new ReadableStream({
    type: "bytes",
    cancel: () => void (cancelled = true),
  });
  const reader = new SectionReader(endless, record().sections);
  await reader.cancel();
  assert.equal(cancelled, true);
});
