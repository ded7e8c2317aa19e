import assert from "node:assert/strict";
import { MarkerScanner } from "../../lib/shell/markers.ts";

const MARKER = "abab+\n";

function scan(chunks: readonly string[]): { before: string; after: string | null } {
  const scanner = new MarkerScanner(MARKER);
  const decoder = new TextDecoder();
  let before = "";
  let after: string | null = null;
  for (const chunk of chunks) {
    if (after !== null) {
      after += chunk;
      continue;
    }
    const found = scanner.push(new TextEncoder().encode(chunk));
    before += decoder.decode(found.before);
    if (found.after !== null) after = decoder.decode(found.after);
  }
  if (after === null) before += decoder.decode(scanner.flush());
  return { before, after };
}

const STREAMS = [
  { stream: `noise${MARKER}rest`, before: "noise", after: "rest" },
  { stream: `ab${MARKER}`, before: "ab", after: "" },
  { stream: `ababab+\nx`, before: "ab", after: "x" },
  { stream: `${MARKER}${MARKER}`, before: "", after: MARKER },
  { stream: "abab+abab+", before: "abab+abab+", after: null },
  { stream: "", before: "", after: null },
];

for (const { stream, before, after } of STREAMS) {
  Deno.test(`MarkerScanner splits ${JSON.stringify(stream)} wherever it is cut`, () => {
    for (let first = 0; first <= stream.length; first++) {
      for (let second = first; second <= stream.length; second++) {
        const chunks = [stream.slice(0, first), stream.slice(first, second), stream.slice(second)];
        assert.deepEqual(scan(chunks), { before, after }, JSON.stringify(chunks));
      }
    }
  });

  Deno.test(`MarkerScanner splits ${JSON.stringify(stream)} byte by byte`, () => {
    assert.deepEqual(scan([...stream]), { before, after });
  });
}

Deno.test("MarkerScanner holds back no more than may begin the marker", () => {
  const scanner = new MarkerScanner(MARKER);
  assert.equal(scanner.push(new TextEncoder().encode("output aba")).before.length, 7);
  assert.equal(scanner.push(new TextEncoder().encode("c")).before.length, 4);
  assert.equal(scanner.flush().length, 0);
});
