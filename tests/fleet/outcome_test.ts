import assert from "node:assert/strict";
import {
  describeFailure,
  type Knowledge,
  knowledgeOf,
  type LmcpFailure,
} from "../../lib/fleet/outcome.ts";

const connect = (timedOut: boolean): LmcpFailure => ({
  kind: "connect",
  message: "no route",
  timedOut,
});
const status = (code: number): LmcpFailure => ({ kind: "status", status: code, body: "why" });
const rpc = (code: number): LmcpFailure => ({ kind: "rpc", code, message: "why" });

const table: readonly (readonly [Knowledge, string, readonly LmcpFailure[]])[] = [
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
  Deno.test(`knowledgeOf() takes ${what} for ${knowledge}`, () => {
    for (const failure of failures) {
      assert.equal(knowledgeOf(failure), knowledge, JSON.stringify(failure));
    }
  });
}

const texts: readonly (readonly [LmcpFailure, string])[] = [
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
