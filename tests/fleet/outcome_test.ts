import assert from "node:assert/strict";
import {
  describeFailure,
  mayHaveRun,
  nextStep,
  NOT_APPLIED,
  type WireFailure,
} from "../../lib/fleet/outcome.ts";

const connect = (timedOut: boolean): WireFailure => ({
  kind: "connect",
  message: "no route",
  timedOut,
});
const status = (code: number, saysRpcError = false): WireFailure => ({
  kind: "status",
  status: code,
  body: "why",
  saysRpcError,
});
const rpc = (code: number, message = "why"): WireFailure => ({ kind: "rpc", code, message });

const EVERY_STATUS = Array.from({ length: 500 }, (_, index) => 100 + index);

const table: readonly (readonly ["did_not_run" | "unknown", string, readonly WireFailure[]])[] = [
  ["did_not_run", "a port that was not reached", [connect(false), connect(true)]],
  [
    "did_not_run",
    "an HTTP status that says that the request was not applied",
    NOT_APPLIED.map((code) => status(code)),
  ],
  [
    "unknown",
    "the same with a JSON-RPC error in its body",
    NOT_APPLIED.map((code) => status(code, true)),
  ],
  [
    "unknown",
    "any other HTTP status",
    EVERY_STATUS.filter((code) => !NOT_APPLIED.includes(code)).map((code) => status(code)),
  ],
  [
    "did_not_run",
    "a JSON-RPC error that names the tool as unknown",
    [-32601, -32602].flatMap((code) =>
      [
        "unknown tool",
        "Unknown tool: shell",
        'Unknown tool "shell": tools/list names those there are',
        "Unknown tool 'shell'",
        'unknown tool "shell"',
        "tool not found",
        "Tool not found: shell",
        "Tool shell not found",
        'tool "shell" not found',
        "MCP error -32602: Tool shell not found",
        "No such tool: shell.",
      ].map((message) => rpc(code, message))
    ),
  ],
  [
    "unknown",
    "a JSON-RPC error that a tool may have thrown",
    [
      ...[-32700, -32600, -32601, -32602, -32603, -32000, -32099, -32768, 0, 1].map((code) =>
        rpc(code)
      ),
      ...[
        "Method not found",
        "Unknown tool: docker",
        "Tool docker not found",
        "Tool shell disabled",
        "shell: tool not found in PATH",
        "Unknown tools: shell",
        "Unknown tool: shell_bg",
        "Error: Tool shell not found, after it had run",
        "Tool shell not found in sandbox after running pre-hook",
        "tool not found: shell; ran 3 steps",
        "Unknown tool: shell: in step 3 of 5",
        "Unknown tool: shell\nin step 3 of 5",
      ].map((message) => rpc(-32602, message)),
      rpc(-32603, "Unknown tool: shell"),
    ],
  ],
  ["unknown", "a lost connection", [{ kind: "lost", message: "other side closed" }]],
  ["unknown", "no answer in time", [{ kind: "timeout" }]],
  ["unknown", "an unreadable answer", [{ kind: "unreadable", message: "bad json: {" }]],
  ["unknown", "a caller that went away", [{ kind: "cancelled" }]],
];

for (const [knowledge, what, failures] of table) {
  Deno.test(`mayHaveRun() after ${what}: ${knowledge}`, () => {
    for (const failure of failures) {
      const isUnknown = knowledge === "unknown";
      assert.equal(mayHaveRun(failure, "shell"), isUnknown, JSON.stringify(failure));
    }
  });
}

const RAN = { text: "", failure: null, structured: null };
const CLAIM = { id: "0".repeat(32), place: { kind: "own" }, sentAt: 0, deadlineAt: 0 } as const;

for (
  const [attempt, changes, reads] of [
    [{ kind: "ran", reply: RAN, exitCode: 0 }, "answer", "answer"],
    [{ kind: "not_run", reason: "refused" }, "next_transport", "next_transport"],
    [{ kind: "unknown", reason: "lost", output: null }, "end", "next_transport"],
    [{ kind: "unknown", reason: "lost", output: null, claim: CLAIM }, "settle", "next_transport"],
    [{ kind: "taken", claim: CLAIM, found: null }, "settle", "settle"],
    [{ kind: "unclaimable", reason: "full" }, "without_claim", "without_claim"],
    [{ kind: "stopped", reason: "cancelled", mayHaveRun: true }, "end", "end"],
    [{ kind: "stopped", reason: "busy", mayHaveRun: false }, "end", "end"],
  ] as const
) {
  const what = attempt.kind === "unknown" && "claim" in attempt ? "unknown, claimed" : attempt.kind;
  Deno.test(`nextStep() after "${what}" is ${changes} for work that changes something, ${reads} for a read`, () => {
    assert.equal(nextStep(attempt, { readOnly: false }), changes);
    assert.equal(nextStep(attempt, { readOnly: true }), reads);
  });
}

Deno.test("nextStep() of a call with a key is never to do it without a claim", () => {
  const attempt = { kind: "unclaimable", reason: "full" } as const;
  assert.equal(nextStep(attempt, { readOnly: false, hasKey: true }), "next_transport");
});

/** What a backend says that wants to write lines of its own. */
const FOREIGN = `a\n\u001b[31mb\u202e\u2028${"x".repeat(5_000)}`;

const texts: readonly (readonly [WireFailure, string])[] = [
  [
    { kind: "connect", message: "connection refused", timedOut: false },
    "connect: connection refused",
  ],
  [{ kind: "timeout" }, "timeout"],
  [{ kind: "cancelled" }, "cancelled"],
  [{ kind: "lost", message: "other side closed" }, "connection lost: other side closed"],
  [status(503), "http 503: why"],
  [{ kind: "unreadable", message: "bad json: {" }, "bad json: {"],
  [{ kind: "rpc", code: -32603, message: "boom" }, "rpc: boom"],
];

for (const [failure, text] of texts) {
  Deno.test(`describeFailure() says "${text}"`, () => {
    assert.equal(describeFailure(failure), text);
  });
}

for (
  const failure of [
    { kind: "connect", message: FOREIGN, timedOut: false },
    { kind: "lost", message: FOREIGN },
    { kind: "unreadable", message: FOREIGN },
    { kind: "rpc", code: 1, message: FOREIGN },
    { kind: "status", status: 500, body: FOREIGN, saysRpcError: false },
    { kind: "handshake", failure: { kind: "rpc", code: 1, message: FOREIGN } },
  ] as const
) {
  Deno.test(`describeFailure() makes one short line of what is foreign in "${failure.kind}"`, () => {
    const text = describeFailure(failure);
    assert.match(text, /^(.*: )?a \[31mb x+…$/);
    assert.ok(text.length <= 200 + "connection lost: ".length, `${text.length} characters`);
  });
}

Deno.test("describeFailure() shows 200 characters of an answer that is no JSON, as the Lua hub does", () => {
  const message = `bad json: ${"x".repeat(200)}`;
  assert.equal(describeFailure({ kind: "unreadable", message }), message);
});
