import assert from "node:assert/strict";
import { MarkerScanner } from "../../lib/shell/markers.ts";

const MARKER = "abab+\n";

function scan(chunks: readonly string[]): { before: string; after: string | null } {
  const scanner = new MarkerScanner([MARKER]);
  const decoder = new TextDecoder();
  let before = "";
  let after: string | null = null;
  for (const chunk of chunks) {
    if (after !== null) {
      after += chunk;
      continue;
    }
    const scan = scanner.push(new TextEncoder().encode(chunk));
    before += decoder.decode(scan.before);
    if (scan.found !== null) after = decoder.decode(scan.found.after);
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
  const scanner = new MarkerScanner([MARKER]);
  assert.equal(scanner.push(new TextEncoder().encode("output aba")).before.length, 7);
  assert.equal(scanner.push(new TextEncoder().encode("c")).before.length, 4);
  assert.equal(scanner.flush().length, 0);
});

/** Which of some markers is found, and what lies before it, if a stream comes byte by byte. */
function scanFor(markers: readonly string[], stream: string) {
  const scanner = new MarkerScanner(markers);
  let before = "";
  for (const byte of stream) {
    const scan = scanner.push(new TextEncoder().encode(byte));
    before += new TextDecoder().decode(scan.before);
    if (scan.found !== null) return { before, index: scan.found.index };
  }
  return { before: before + new TextDecoder().decode(scanner.flush()), index: null };
}

for (
  const [stream, before, index] of [
    ["noise ab1- ab1+", "noise ", 1],
    ["noise ab1+ ab1-", "noise ", 0],
    ["abab1-", "ab", 1],
    ["ab1", "ab1", null],
  ] as const
) {
  Deno.test(`MarkerScanner finds the first of several markers in ${stream}`, () => {
    const markers = ["ab1+", "ab1-"];
    assert.deepEqual(scanFor(markers, stream), { before, index });
    const whole = new MarkerScanner(markers).push(new TextEncoder().encode(stream));
    assert.equal(whole.found?.index ?? null, index);
  });
}
