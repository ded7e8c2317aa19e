import assert from "node:assert/strict";
import { createMinutes } from "../../../../../lib/http/pages/fleet/browser/plots/minutes.js";
import { sampleHost } from "../views/sample.ts";

const MINUTE = 60_000;
const START = 100 * MINUTE;
const line = (...last: (number | null)[]) => [
  ...Array.from({ length: 60 - last.length }, () => null),
  ...last,
];

Deno.test("minutes move on with the clock, and new latencies are those of the last one", () => {
  const minutes = createMinutes({ web01: line(1, 2) }, START);
  minutes.add([sampleHost({ latencyMs: 7 })], START + 59_999);
  assert.deepEqual(minutes.of("web01"), line(1, 7));
  minutes.add([], START + MINUTE);
  assert.deepEqual(minutes.of("web01"), line(1, 7, null));
  minutes.add([sampleHost({ latencyMs: 9 })], START + 2 * MINUTE);
  assert.deepEqual(minutes.of("web01"), line(1, 7, null, 9));
});

Deno.test("minutes of a host without any begin with its first latency", () => {
  const minutes = createMinutes({}, START);
  minutes.add([sampleHost({ name: "a", latencyMs: null }), sampleHost({ name: "b" })], START);
  assert.equal(minutes.of("a"), null);
  assert.deepEqual(minutes.of("b"), line(12));
});

Deno.test("nothing is left of minutes after an hour without a word", () => {
  const minutes = createMinutes({ web01: line(1) }, START);
  minutes.add([], START + 61 * MINUTE);
  assert.deepEqual(minutes.of("web01"), line());
});

Deno.test("minutes are replaced by those of a new beginning", () => {
  const minutes = createMinutes({ web01: line(1), web02: line(2) }, START);
  minutes.replace({ web01: line(5) }, START + 5 * MINUTE);
  assert.deepEqual([minutes.of("web01"), minutes.of("web02")], [line(5), null]);
});

Deno.test("createMinutes() keeps what is measured after a pause of hours", () => {
  const minutes = createMinutes({}, 0);
  const host = (latencyMs: number) => sampleHost({ name: "web01", latencyMs });
  minutes.add([host(5)], 0);
  minutes.add([host(7)], 300 * 60_000);
  minutes.add([host(9)], 301 * 60_000);
  assert.deepEqual(minutes.of("web01")?.slice(-3), [null, 7, 9]);
});
