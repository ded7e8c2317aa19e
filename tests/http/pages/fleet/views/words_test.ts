import assert from "node:assert/strict";
import { median } from "../../../../../lib/history/latencies.ts";
import {
  conditionOf,
  countConditions,
  countsText,
} from "../../../../../lib/http/pages/fleet/views/words/hosts.js";
import { troubleFirst } from "../../../../../lib/http/pages/fleet/views/words/calls.js";
import { countOf, medianOf } from "../../../../../lib/http/pages/fleet/views/words/numbers.js";
import { sortHosts } from "../../../../../lib/http/pages/fleet/views/words/order.js";
import {
  agoText,
  durationText,
  elapsedText,
  exactText,
  fixedText,
  isoText,
  livingText,
  spanText,
} from "../../../../../lib/http/pages/fleet/views/words/times.js";
import { NOW, sampleCall, sampleHost } from "./sample.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

Deno.test("durationText() says how long something took as people do", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "<1 ms"],
    [0.4, "<1 ms"],
    [1, "1 ms"],
    [12.4, "12 ms"],
    [999.4, "999 ms"],
    [999.6, "1.0 s"],
    [2340, "2.3 s"],
    [9949, "9.9 s"],
    [9960, "10 s"],
    [59_400, "59 s"],
    [59_600, "1 min"],
    [4 * MINUTE + 20_000, "4 min"],
    [3 * HOUR, "3 h"],
    [3 * DAY, "3 days"],
  ];
  for (const [ms, text] of cases) assert.equal(durationText(ms), text, `${ms} ms`);
});

Deno.test("spans and ages are rounded down, and never negative", () => {
  const cases: readonly (readonly [number, string, string])[] = [
    [-5000, "0 s", "now"],
    [0, "0 s", "now"],
    [999, "0 s", "now"],
    [SECOND, "1 s", "1 s ago"],
    [59_999, "59 s", "59 s ago"],
    [MINUTE, "1 min", "1 min ago"],
    [HOUR - 1, "59 min", "59 min ago"],
    [HOUR, "1 h", "1 h ago"],
    [2 * DAY - 1, "47 h", "47 h ago"],
    [2 * DAY, "2 days", "2 days ago"],
  ];
  for (const [ms, span, ago] of cases) {
    assert.deepEqual([spanText(ms), agoText(ms)], [span, ago], `${ms} ms`);
  }
});

Deno.test("elapsedText() has two units, so that one sees it move", () => {
  const cases: readonly (readonly [number, string])[] = [
    [12_900, "12 s"],
    [3 * MINUTE + 20_000, "3 min 20 s"],
    [3 * MINUTE, "3 min 0 s"],
    [5 * HOUR + 3 * MINUTE, "5 h 3 min"],
    [5 * HOUR + 40_000, "5 h 0 min"],
    [3 * DAY, "3 days"],
  ];
  for (const [ms, text] of cases) assert.equal(elapsedText(ms), text, `${ms} ms`);
});

Deno.test("a moment is absolute, or moves with the clock", () => {
  assert.equal(exactText(NOW), "27 Nov 2026 03:48:12 UTC");
  assert.equal(isoText(NOW), "2026-11-27T03:48:12.000Z");
  assert.equal(fixedText("ago", NOW), "27 Nov 03:48");
  assert.equal(fixedText("for", NOW), "since 27 Nov 03:48");
  assert.equal(livingText("ago", 3 * MINUTE), "3 min ago");
  assert.equal(livingText("for", 12 * MINUTE), "for 12 min");
  assert.equal(livingText("elapsed", 200 * SECOND), "3 min 20 s");
  assert.deepEqual([exactText(NaN), isoText(9e15)], ["at an unknown time", null]);
});

Deno.test("numbers are grouped, and their nouns agree", () => {
  assert.deepEqual(
    [0, 1, 999, 1000, 1_234_567].map((count) => countOf(count, "host")),
    ["0 hosts", "1 host", "999 hosts", "1,000 hosts", "1,234,567 hosts"],
  );
});

Deno.test("medianOf() is the median that the hub computes", () => {
  assert.equal(medianOf([]), null);
  for (const values of [[7], [30, 1, 2], [30, 1, 2, 10], [2, 1]]) {
    assert.equal(medianOf(values), median(values));
  }
});

Deno.test("a host on ssh is up, unless it has an agent that was not reached", () => {
  const hosts = [
    sampleHost({ status: "lmcp" }),
    sampleHost({ status: "ssh", paths: ["ssh"] }),
    sampleHost({ status: "ssh", paths: ["lmcp", "ssh"] }),
    sampleHost({ status: "down" }),
    sampleHost({ status: "unknown" }),
  ];
  assert.deepEqual(hosts.map(conditionOf), ["up", "up", "instead", "down", "unknown"]);
  assert.equal(countsText(countConditions(hosts)), "2 up, 1 over ssh, 1 down, 1 not probed");
  assert.equal(countsText(countConditions([])), "0 up");
});

Deno.test("sortHosts() puts first what one looks for, and keeps equal ones by name", () => {
  const hosts = [
    sampleHost({ name: "a", latencyMs: null, lastCall: null, status: "unknown" }),
    sampleHost({ name: "b", latencyMs: 5, running: 2 }),
    sampleHost({ name: "c", latencyMs: 90, status: "down" }),
    sampleHost({
      name: "d",
      latencyMs: 5,
      status: "ssh",
      lastCall: { at: NOW, tool: "remote_shell", outcome: "ok" },
    }),
    sampleHost({ name: "e", latencyMs: 5, status: "down" }),
  ];
  const names = (sort: Parameters<typeof sortHosts>[1]) =>
    sortHosts(hosts, sort).map(({ name }) => name).join("");
  assert.equal(names("name"), "abcde");
  assert.equal(names("status"), "cedab");
  assert.equal(names("latency"), "cbdea");
  assert.equal(names("running"), "bacde");
  assert.equal(names("last_call"), "dbcea");
});

Deno.test("troubleFirst() keeps the order within each part", () => {
  const calls = (["ok", "failed", "ok", "unknown", "refused"] as const)
    .map((outcome, index) => sampleCall({ id: String(index), outcome }));
  assert.equal(troubleFirst(calls).map(({ id }) => id).join(""), "13402");
});
