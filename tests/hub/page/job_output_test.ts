import assert from "node:assert/strict";
import { readJobOutput } from "../../../lib/hub/page/actions/jobs.ts";

/** What the page makes of an answer of `remote_output`. */
function read(structured: { readonly next_offset: number | null; readonly size: number | null }) {
  return readJobOutput({ host: "web1", id: "1", offset: 0, waitSeconds: 0 }, {
    callTool: () =>
      Promise.resolve({
        kind: "ok",
        structured: { text: "begin", state: "running", exit_code: null, ...structured },
      }),
    hub: { redact: (text) => text },
    principal: "default",
    signal: new AbortController().signal,
  });
}

Deno.test("readJobOutput() goes on near the end of an output that has gone far", async () => {
  const { text, nextOffset, leftOut } = await read({ next_offset: 65_536, size: 1_000_000_000 });
  assert.deepEqual([text, nextOffset, leftOut], ["begin", 999_868_928, 999_803_392]);
  assert.equal(nextOffset, 65_536 + leftOut);
});

for (
  const [what, next_offset, size] of [
    ["a short output", 65_536, 1_065_536],
    ["an output that was read to its end", 2_000_000, 2_000_000],
    ["an output in no file", 65_536, null],
    ["an output without more", null, 2_000_000],
  ] as const
) {
  Deno.test(`readJobOutput() leaves nothing out of ${what}`, async () => {
    const { nextOffset, leftOut } = await read({ next_offset, size });
    assert.deepEqual([nextOffset, leftOut], [next_offset, 0]);
  });
}
