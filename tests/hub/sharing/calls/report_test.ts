import assert from "node:assert/strict";
import type { DayCounts, PastCall } from "../../../../lib/history/reader.ts";
import { ReportCompiler } from "../../../../lib/hub/sharing/calls/compile.ts";
import { readReport } from "../../../../lib/hub/sharing/calls/report.ts";
import type { CallInProgress } from "../../../../lib/mcp/in_flight.ts";

const COUNTS: DayCounts = { all: 3, unknown: 1, byMinute: new Array(60).fill(0) };

function pastCall(endedAt: number, parts: Partial<PastCall> = {}): PastCall {
  return {
    id: `past-${endedAt}`,
    principal: "ann",
    client: null,
    tool: "remote_shell",
    hosts: "web",
    names: ["web"],
    endedAt,
    durationMs: 5,
    outcome: "ok",
    via: ["lmcp"],
    reason: null,
    exitCode: 0,
    ...parts,
  };
}

function runningCall(startedAt: number, parts: Partial<CallInProgress> = {}): CallInProgress {
  return {
    id: `running-${startedAt}`,
    principal: "ann",
    client: null,
    tool: "remote_shell",
    hosts: ["web"],
    startedAt,
    ...parts,
  };
}

function compile(past: readonly PastCall[], running: readonly CallInProgress[] = []) {
  const compiler = new ReportCompiler((text) => text.replaceAll("s3cret", "[secret]"));
  const bytes = compiler.compile({
    running,
    history: {
      calls: () => past,
      countsOf: (name) => name === "ben" ? { ...COUNTS, all: 0 } : COUNTS,
    },
    clients: ["ann", "ben"],
    at: 1_000,
  });
  return { bytes, report: readReport(bytes) ?? assert.fail("it cannot be read") };
}

Deno.test("a report has what a hub shows of its calls, the newest of each kind", () => {
  const past = Array.from(
    { length: 500 },
    (_, index) => pastCall(1_000 - index, { outcome: index < 400 ? "ok" : "unknown" }),
  );
  const { report } = compile(past, [runningCall(1), runningCall(2)]);
  assert.deepEqual(report.running, [runningCall(1), runningCall(2)]);
  assert.deepEqual(report.recent, [...past.slice(0, 100), ...past.slice(400, 500)]);
  assert.deepEqual([report.at, report.counts, report.ofClients], [1_000, COUNTS, { ann: COUNTS }]);
});

Deno.test("a report has room in one message, whatever the calls are", () => {
  const long = "ä\u2028\u0000".repeat(1_000);
  const names = Array.from({ length: 1_000 }, (_, index) => `${index}${long}`);
  const past = Array.from({ length: 300 }, (_, index) => pastCall(index, { names, reason: long }));
  past.push(pastCall(-1, { outcome: "failed" }));
  const running = Array.from({ length: 2_000 }, (_, index) => runningCall(index, { hosts: names }));
  const { bytes, report } = compile(past, running);
  assert.ok(bytes.length < 1024 * 1024, String(bytes.length));
  assert.deepEqual([report.running.length, report.recent.length], [0, 2]);
  const short = compile(
    Array.from({ length: 300 }, (_, index) => pastCall(index)),
    Array.from({ length: 2_000 }, (_, index) => runningCall(index)),
  );
  assert.ok(short.report.running.length === 256 && short.report.recent.length === 100);
});

Deno.test("a report holds no secret, wherever one came from", () => {
  const secret = "it is s3cret";
  const past = pastCall(1, {
    client: secret,
    tool: secret,
    hosts: secret,
    names: [secret],
    reason: secret,
  });
  const client = { name: secret, version: secret };
  const running = runningCall(1, { client, tool: secret, hosts: [secret] });
  const { bytes } = compile([past], [running]);
  const text = new TextDecoder().decode(bytes);
  assert.doesNotMatch(text, /s3cret/);
  assert.equal(text.split("it is [secret]").length - 1, 9);
});

Deno.test("a broken report is none", () => {
  const { report } = compile([pastCall(1)], [runningCall(1)]);
  const written = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  assert.deepEqual(readReport(written(report)), report);
  for (
    const broken of [
      {},
      null,
      { ...report, at: "now" },
      { ...report, at: -1e300 },
      { ...report, recent: [{ ...report.recent[0], endedAt: 1e300 }] },
      { ...report, running: [{ ...report.running[0], startedAt: 1e16 }] },
      { ...report, recent: [{ ...report.recent[0], via: ["pigeon"] }] },
      { ...report, running: [{ ...report.running[0], hosts: [1] }] },
      { ...report, counts: { ...report.counts, byMinute: [1] } },
    ]
  ) assert.equal(readReport(written(broken)), null);
  assert.equal(readReport(new Uint8Array([0xff])), null);
});
