import assert from "node:assert/strict";
import { frame, frameMarkers, readyRequest } from "../../lib/shell/frame.ts";

const NONCE = "word";

Deno.test("frame() and readyRequest() never hold a marker, so that an echo of them is none", () => {
  const sent = readyRequest(NONCE) +
    frame(NONCE, { script: "true", input: null, inputSeconds: 0 });
  const { ready, start, end } = frameMarkers(NONCE);
  for (const marker of [ready, start, end]) assert.equal(sent.includes(marker.trim()), false);
});

Deno.test("frame() refuses a script with a NUL character", () => {
  const command = { script: "echo a\0b", input: null, inputSeconds: 0 };
  assert.throws(() => frame(NONCE, command), RangeError);
});

Deno.test("frame() watches for silence, or for the time that input may take", () => {
  const script = "true";
  const silent = frame(NONCE, { script, input: null, inputSeconds: 0 });
  assert.match(silent, /while read -r -t 30 <&3/);
  const fed = frame(NONCE, { script, input: new Uint8Array(1), inputSeconds: 1.2 });
  assert.match(fed, /\( sleep 2; kill -TERM/);
});
