import assert from "node:assert/strict";
import { frame, frameMarkers, parseEnd, readyRequest } from "../../lib/shell/frame.ts";

const NONCE = "word";
const OPTIONS = { readyOn: "stderr" } as const;

Deno.test("frame() and readyRequest() never hold a marker, so that an echo of them is none", () => {
  const command = { script: "true", input: null, inputSeconds: 0 };
  const sent = readyRequest(NONCE) + frame(NONCE, command, OPTIONS) +
    frame(NONCE, command, { readyOn: "stdout" });
  const { ready, stdout, stderr } = frameMarkers(NONCE);
  for (const marker of [ready, ...Object.values(stdout), ...Object.values(stderr)]) {
    assert.equal(sent.includes(marker.trim()), false, marker);
  }
});

Deno.test("frame() refuses a script with a NUL character", () => {
  const command = { script: "echo a\0b", input: null, inputSeconds: 0 };
  assert.throws(() => frame(NONCE, command, OPTIONS), RangeError);
});

Deno.test("frame() watches for silence, or for the time that input may take", () => {
  const script = "true";
  const silent = frame(NONCE, { script, input: null, inputSeconds: 0 }, OPTIONS);
  assert.match(silent, / read -r -t 30 <&3;/);
  const fed = frame(NONCE, { script, input: new Uint8Array(1), inputSeconds: 1.2 }, OPTIONS);
  assert.match(fed, /u=\$\(\(SECONDS \+ 2\)\)\n/);
});

for (
  const [text, end] of [
    ["0", { exitCode: 0, remains: false }],
    ["255", { exitCode: 255, remains: false }],
    ["137!", { exitCode: 137, remains: true }],
    ["256", null],
    ["999", null],
    ["1234", null],
    ["", null],
    ["!", null],
    ["-1", null],
    ["1 ", null],
    ["0x1", null],
    ["1e1", null],
    ["\u0661", null],
  ] as const
) {
  Deno.test(`parseEnd() reads ${JSON.stringify(text)} as ${JSON.stringify(end)}`, () => {
    assert.deepEqual(parseEnd(text), end);
  });
}
