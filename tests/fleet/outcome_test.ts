import assert from "node:assert/strict";
import {
  describeFailure,
  mayHaveRun,
  nextStep,
  type WireFailure,
} from "../../lib/fleet/outcome.ts";

const connect = (timedOut: boolean): WireFailure => ({
  kind: "connect",
  message: "no route",
  timedOut,
});
const status = (code: number): WireFailure => ({ kind: "status", status: code, body: "why" });
const rpc = (code: number): WireFailure => ({ kind: "rpc", code, message: "why" });

const table: readonly (readonly ["did_not_run" | "unknown", string, readonly WireFailure[]])[] = [
  ["did_not_run", "a port that was not reached", [connect(false), connect(true)]],
  ["did_not_run", "HTTP 3xx", [300, 301, 302, 303, 307, 308, 399].map(status)],
  ["did_not_run", "HTTP 4xx", [400, 401, 403, 404, 405, 413, 429, 499].map(status)],
  [
    "did_not_run",
    "a JSON-RPC error that stands for a refusal",
    [-32700, -32600, -32601, -32602].map(rpc),
  ],
  [
    "unknown",
    "any other JSON-RPC error",
    [-32603, -32000, -32020, -32021, -32022, -32099, -32701, 0, 1].map(rpc),
  ],
  ["unknown", "HTTP 5xx", [500, 501, 502, 503, 504, 599].map(status)],
  ["unknown", "an HTTP status that means nothing here", [200, 201, 202, 204, 600].map(status)],
  ["unknown", "a lost connection", [{ kind: "lost", message: "other side closed" }]],
  ["unknown", "no answer in time", [{ kind: "timeout" }]],
  ["unknown", "an unreadable answer", [{ kind: "unreadable", message: "bad json: {" }]],
  ["unknown", "a caller that went away", [{ kind: "cancelled" }]],
];

for (const [knowledge, what, failures] of table) {
  Deno.test(`mayHaveRun() after ${what}: ${knowledge}`, () => {
    for (const failure of failures) {
      assert.equal(mayHaveRun(failure), knowledge === "unknown", JSON.stringify(failure));
    }
  });
}

const RAN = { text: "", failure: null, structured: null };

for (
  const [attempt, changes, reads] of [
    [{ kind: "ran", reply: RAN, exitCode: 0 }, "answer", "answer"],
    [{ kind: "not_run", reason: "refused" }, "next_transport", "next_transport"],
    [{ kind: "unknown", reason: "lost", output: null }, "end", "next_transport"],
    [{ kind: "stopped", reason: "cancelled", mayHaveRun: true }, "end", "end"],
    [{ kind: "stopped", reason: "busy", mayHaveRun: false }, "end", "end"],
  ] as const
) {
  Deno.test(`nextStep() after "${attempt.kind}" is ${changes} for work that changes something, ${reads} for a read`, () => {
    assert.equal(nextStep(attempt, { readOnly: false }), changes);
    assert.equal(nextStep(attempt, { readOnly: true }), reads);
  });
}

const texts: readonly (readonly [WireFailure, string])[] = [
  [
    { kind: "connect", message: "connection refused", timedOut: false },
    "connect: connection refused",
  ],
  [{ kind: "timeout" }, "timeout"],
  [{ kind: "cancelled" }, "cancelled"],
  [{ kind: "lost", message: "other side closed" }, "connection lost: other side closed"],
  [{ kind: "status", status: 503, body: "later" }, "http 503: later"],
  [{ kind: "unreadable", message: "bad json: {" }, "bad json: {"],
  [{ kind: "rpc", code: -32603, message: "boom" }, "rpc: boom"],
];

for (const [failure, text] of texts) {
  Deno.test(`describeFailure() says "${text}"`, () => {
    assert.equal(describeFailure(failure), text);
  });
}
