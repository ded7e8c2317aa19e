import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createAudit } from "../../lib/audit/record.ts";
import type { FinishedCall } from "../../lib/calls/finished.ts";
import { createRedact } from "../../lib/base/redact.ts";
import { Secret } from "../../lib/base/secret.ts";
import { finishedCall } from "../calls/finished.ts";

const redact = createRedact([new Secret("canary-token")]);

/** The line that is written for a call. */
function lineOf(call: Partial<FinishedCall>): string {
  const lines: string[] = [];
  createAudit({ write: (line) => lines.push(line), now: () => new Date(0) })(
    finishedCall(call),
    redact,
  );
  assert.equal(lines.length, 1);
  return lines.join("");
}

function recordOf(call: Partial<FinishedCall>) {
  return JSON.parse(lineOf(call));
}

function argumentsOf(args: FinishedCall["args"]) {
  return recordOf({ args }).arguments;
}

function digestOf(text: string) {
  const sha256 = createHash("sha256").update(text).digest("hex");
  return { length: new TextEncoder().encode(text).length, sha256 };
}

Deno.test("createAudit() writes all that is known of a call as one line of JSON", () => {
  assert.deepEqual(recordOf({}), {
    time: "1970-01-01T00:00:00.000Z",
    event: "call",
    request_id: "call-1",
    principal: "ann",
    client: { name: "editor", version: "1.2" },
    traceparent: null,
    tool: "remote_shell",
    host: "tesla",
    arguments: { command: "uptime" },
    via: "lmcp",
    outcome: "ok",
    fallback_reason: null,
    exit_code: 0,
    ended: null,
    answer_bytes: 2,
    queue_ms: 0,
    connect_ms: 1.5,
    run_ms: 10.84,
    duration_ms: 12.346,
  });
});

Deno.test("createAudit() tells null for what a call did not reach", () => {
  const record = recordOf({
    client: null,
    host: null,
    via: null,
    outcome: "refused",
    exitCode: null,
    answer: null,
    phases: { queue: null, connect: null, run: null },
  });
  assert.deepEqual(
    [record.client, record.host, record.via, record.queue_ms, record.connect_ms, record.run_ms],
    [null, null, null, null, null, null],
  );
  assert.equal(record.answer_bytes, 0);
});

Deno.test("createAudit() counts the bytes of an answer, not its characters", () => {
  assert.equal(recordOf({ answer: "€𝄞" }).answer_bytes, 7);
});

Deno.test("createAudit() tells commands, paths, patterns, numbers and booleans in clear", () => {
  const args = {
    command: "echo hi",
    path: "/etc/motd",
    cwd: "/srv",
    pattern: "*.ts",
    timeout: 5,
    replace_all: true,
    nothing: null,
  };
  assert.deepEqual(argumentsOf(args), args);
});

Deno.test("createAudit() tells the digest of every other text, of lists and of objects", () => {
  assert.deepEqual(argumentsOf({ content: "grüße", old_string: "", list: [1, "a"], o: { a: 1 } }), {
    content: digestOf("grüße"),
    old_string: digestOf(""),
    list: digestOf('[1,"a"]'),
    o: digestOf('{"a":1}'),
  });
});

Deno.test("createAudit() tells how a huge command starts, and its digest", () => {
  const command = `echo ${"x".repeat(100_000)}`;
  const { start, ...digest } = argumentsOf({ command }).command;
  assert.deepEqual(digest, digestOf(command));
  assert.equal(start, `${command.slice(0, 16_384)}…`);
});

Deno.test("createAudit() bounds what a caller makes up", () => {
  const long = "n".repeat(10_000);
  const args = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`${long}${i}`, i]));
  const line = lineOf({
    tool: long,
    host: long,
    client: { name: long, version: long },
    fallbackReason: long,
    args: { ...args, command: "x" },
  });
  assert.ok(line.length < 20_000, `${line.length} characters`);
});

Deno.test("createAudit() keeps an argument of the name __proto__", () => {
  const args = JSON.parse('{"__proto__":"a","constructor":"b"}');
  assert.deepEqual(Object.keys(argumentsOf(args)), ["__proto__", "constructor"]);
});

Deno.test("createAudit() hides known secrets wherever they stand", () => {
  const secret = "is canary-token here";
  const line = lineOf({
    tool: secret,
    host: secret,
    client: { name: secret, version: secret },
    fallbackReason: secret,
    args: { command: secret, path: "canary-token", [secret]: 1, content: secret },
  });
  assert.doesNotMatch(line, /canary/);
  assert.equal(line.match(/\[secret\]/g)?.length, 8);
});

Deno.test("createAudit() writes one line whatever the call holds", () => {
  const forged = 'a\n{"event":"call"}\r\u2028';
  assert.doesNotMatch(lineOf({ tool: forged, args: { command: forged } }), /[\n\r]/);
});
