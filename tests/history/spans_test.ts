import assert from "node:assert/strict";
import { StatusSpans } from "../../lib/history/spans.ts";

const MINUTE = 60_000;

function read(spans: StatusSpans, now: number) {
  return spans.read(now).map(({ status, reason, from, to }) => [status, reason, from, to]);
}

Deno.test("StatusSpans begin a span with another status, and none with another reason", () => {
  const spans = new StatusSpans();
  assert.deepEqual([read(spans, 0), spans.since], [[], null]);
  spans.record("lmcp", null, 1_000);
  spans.record("lmcp", null, 2_000);
  spans.record("down", "lmcp: timeout", 3_000);
  spans.record("down", "lmcp: refused", 4_000);
  spans.record("ssh", "lmcp: refused", 5_000);
  assert.equal(spans.since, 5_000);
  assert.deepEqual(read(spans, 6_000), [
    ["lmcp", null, 1_000, 3_000],
    ["down", "lmcp: refused", 3_000, 5_000],
    ["ssh", "lmcp: refused", 5_000, null],
  ]);
});

Deno.test("StatusSpans go an hour back, to a span that reaches into that hour", () => {
  const spans = new StatusSpans();
  spans.record("lmcp", null, 0);
  spans.record("down", "a", 10 * MINUTE);
  spans.record("lmcp", null, 20 * MINUTE);
  assert.equal(read(spans, 70 * MINUTE).length, 3);
  assert.deepEqual(read(spans, 70 * MINUTE + 1), [
    ["down", "a", 10 * MINUTE, 20 * MINUTE],
    ["lmcp", null, 20 * MINUTE, null],
  ]);
  assert.deepEqual(read(spans, 1_000 * MINUTE), [["lmcp", null, 20 * MINUTE, null]]);
});

Deno.test("StatusSpans of a host that goes up and down all the time are bounded, and so are reasons", () => {
  const spans = new StatusSpans();
  for (let at = 0; at < 1_000; at++) {
    spans.record(at % 2 === 0 ? "down" : "lmcp", at % 2 === 0 ? `reason ${at}` : null, at);
  }
  const all = read(spans, 1_000);
  assert.equal(all.length, 32);
  assert.deepEqual(all.at(-1), ["lmcp", null, 999, null]);
  const reasons = all.flatMap(([, reason]) => reason ?? []);
  assert.deepEqual(reasons, [992, 994, 996, 998].map((at) => `reason ${at}`));
});

Deno.test("StatusSpans keep each reason as often as it comes", () => {
  const spans = new StatusSpans();
  for (let at = 0; at < 30; at++) {
    spans.record(at % 2 === 0 ? "down" : "lmcp", at % 2 === 0 ? "same" : null, at);
  }
  assert.equal(read(spans, 30).filter(([, reason]) => reason === "same").length, 15);
});

Deno.test("StatusSpans do not overlap when the clock is set back", () => {
  const spans = new StatusSpans();
  spans.record("lmcp", null, 5_000);
  spans.record("down", null, 1_000);
  assert.deepEqual(read(spans, 1_000), [["lmcp", null, 5_000, 5_000], ["down", null, 5_000, null]]);
});

Deno.test("StatusSpans keep the reasons of others while that of the last one changes all the time", () => {
  const spans = new StatusSpans();
  const others = ["a", "b", "c"];
  for (const [at, reason] of others.entries()) {
    spans.record("down", reason, 2 * at);
    spans.record("lmcp", null, 2 * at + 1);
  }
  for (let at = 10; at < 100; at++) spans.record("ssh", `timeout ${at} s ago`, at);
  const reasons = read(spans, 100).flatMap(([, reason]) => reason ?? []);
  assert.deepEqual(reasons, [...others, "timeout 99 s ago"]);
});
