import assert from "node:assert/strict";
import { createStreamLines } from "../../lib/base/stream_lines.ts";

/** A stream that takes `most` bytes at a time, and none while its gate is closed. */
function setUp({ most = Infinity }: { readonly most?: number } = {}) {
  let text = "";
  let gate = Promise.resolve();
  const failures: unknown[] = [];
  const lines = createStreamLines({
    write: async (bytes) => {
      await gate;
      const taken = bytes.subarray(0, most);
      text += new TextDecoder().decode(taken);
      return taken.length;
    },
  }, {
    maxPending: 10,
    onFailure: (error) => failures.push(error),
    describeLoss: (lost) => `${lost} lost`,
  });
  const close = () => {
    const opened = Promise.withResolvers<void>();
    gate = opened.promise;
    return opened.resolve;
  };
  return { lines, text: () => text, failures, close };
}

Deno.test("createStreamLines() writes whole lines, however little a stream takes at once", async () => {
  const { lines, text } = setUp({ most: 3 });
  for (const line of ["one", "two"]) lines.write(line);
  await lines.flushed();
  assert.equal(text(), "one\ntwo\n");
});

Deno.test("createStreamLines() says how many lines are missing, where they are missing", async () => {
  const { lines, text, failures, close } = setUp();
  const open = close();
  lines.write("first");
  await new Promise((resolve) => setTimeout(resolve, 0));
  for (let count = 0; count < 5; count++) lines.write("12345");
  assert.equal(failures.length, 1);
  open();
  await lines.flushed();
  lines.write("last");
  await lines.flushed();
  assert.equal(text(), "first\n12345\n12345\n3 lost\nlast\n");
});
