import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { CallRecord } from "../../lib/calls/record.ts";
import { createRedact } from "../../lib/base/text/redact.ts";
import { Secret } from "../../lib/base/secret.ts";
import { callRecord, delivery } from "../calls/record.ts";
import { writes } from "./writes.ts";

const redact = createRedact([new Secret("canary-token")]);

/** The tool of these calls declares some arguments. */
const CONTEXT = { redact, declared: ["host", "command", "cwd", "timeout"] };

/** The line that is written for a call that has ended. */
function lineOf(call: Partial<CallRecord>): string {
  const lines = writes((audit) => audit.end(callRecord(call), CONTEXT));
  assert.equal(lines.length, 1);
  return lines.join("");
}

function recordOf(call: Partial<CallRecord>) {
  return JSON.parse(lineOf(call));
}

function argumentsOf(args: CallRecord["args"]) {
  return recordOf({ args }).arguments;
}

function digestOf(text: string) {
  const sha256 = createHash("sha256").update(text).digest("hex");
  return { length: new TextEncoder().encode(text).length, sha256 };
}

Deno.test("createAudit() writes all that is known of a call as one line of JSON", () => {
  assert.deepEqual(recordOf({}), {
    time: "1970-01-01T00:00:00.000Z",
    event: "ended",
    request_id: "call-1",
    principal: "ann",
    client: { name: "editor", version: "1.2" },
    traceparent: null,
    tool: "remote_shell",
    host: "tesla",
    arguments: { command: "uptime" },
    arguments_left_out: null,
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

Deno.test("createAudit() writes a call that is about to be sent, and begins its end with the same", () => {
  for (const begin of ["begin", "beginSoon"] as const) {
    const call = callRecord({ deliveries: [] });
    const [begun = "", ended = ""] = writes((audit) => {
      audit[begin](call, CONTEXT);
      call.deliveries.push(delivery());
      audit.end(call, CONTEXT);
    });
    assert.deepEqual(JSON.parse(begun), {
      time: "1970-01-01T00:00:00.000Z",
      event: "begun",
      request_id: "call-1",
      principal: "ann",
      client: { name: "editor", version: "1.2" },
      traceparent: null,
      tool: "remote_shell",
      host: "tesla",
      arguments: { command: "uptime" },
      arguments_left_out: null,
    });
    assert.deepEqual(JSON.parse(ended), recordOf({}));
  }
});

Deno.test("createAudit() tells null for what a call did not reach", () => {
  const record = recordOf({
    client: null,
    args: {},
    deliveries: [],
    outcome: "refused",
    answerBytes: 0,
  });
  const { client, host, via, fallback_reason, exit_code, queue_ms, connect_ms, run_ms } = record;
  assert.deepEqual([client, host, via, fallback_reason], [null, null, null, null]);
  assert.deepEqual([exit_code, queue_ms, connect_ms, run_ms], [null, null, null, null]);
  assert.deepEqual([record.outcome, record.answer_bytes], ["refused", 0]);
});

Deno.test("createAudit() names the host that a call without delivery asked for", () => {
  assert.equal(recordOf({ deliveries: [], args: { host: "nowhere" } }).host, "nowhere");
});

Deno.test("createAudit() writes a call to several hosts as one line, with each delivery", () => {
  const phases = { queue: null, connect: null, run: null };
  const record = recordOf({
    outcome: "failed",
    deliveries: [
      delivery({ host: "a" }),
      delivery({ host: "b", outcome: "not_delivered", via: null, exitCode: null, phases }),
      delivery({
        host: "c",
        via: "ssh",
        outcome: "failed",
        fallbackReason: "timeout",
        exitCode: 3,
      }),
    ],
  });
  const { host, via, outcome, fallback_reason, exit_code, queue_ms, connect_ms, run_ms } = record;
  assert.deepEqual([host, via, outcome, fallback_reason, exit_code], [
    null,
    null,
    "failed",
    null,
    null,
  ]);
  assert.deepEqual([queue_ms, connect_ms, run_ms], [null, null, null]);
  const ran = { queue_ms: 0, connect_ms: 1.5, run_ms: 10.84 };
  const nothing = { queue_ms: null, connect_ms: null, run_ms: null };
  assert.deepEqual(record.deliveries, [
    { host: "a", via: "lmcp", outcome: "ok", fallback_reason: null, exit_code: 0, ...ran },
    {
      host: "b",
      via: null,
      outcome: "not_delivered",
      fallback_reason: null,
      exit_code: null,
      ...nothing,
    },
    { host: "c", via: "ssh", outcome: "failed", fallback_reason: "timeout", exit_code: 3, ...ran },
  ]);
});

Deno.test("createAudit() says of an answer with a key that it is an earlier call's", () => {
  const [now, earlier] = [delivery({}), delivery({ isEarlier: true })];
  assert.equal("earlier" in JSON.parse(lineOf({ deliveries: [now] })), false);
  assert.equal(JSON.parse(lineOf({ deliveries: [earlier] })).earlier, true);
  const many = Array.from({ length: 100 }, (_, index) => index < 40 ? earlier : now);
  const { deliveries } = JSON.parse(lineOf({ deliveries: many }));
  assert.deepEqual(deliveries.map(({ earlier }: { earlier?: true }) => earlier), [true, undefined]);
});

Deno.test("createAudit() bounds and redacts what many hosts said", () => {
  const fallbackReason = `canary-token ${"n".repeat(10_000)}`;
  const deliveries = Array.from({ length: 200 }, () => delivery({ fallbackReason }));
  const line = lineOf({ deliveries });
  assert.ok(line.length < 200 * 500, `${line.length} characters`);
  assert.doesNotMatch(line, /canary/);
});

Deno.test("createAudit() tells commands, paths, patterns, tools, numbers and booleans in clear", () => {
  const args = {
    command: "echo hi",
    path: "/etc/motd",
    cwd: "/srv",
    pattern: "*.ts",
    tool: "backup",
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

Deno.test("createAudit() tells how a huge command starts and ends, and its digest", () => {
  const command = `echo ${"x".repeat(100_000)}; the end`;
  const { start, end, ...digest } = argumentsOf({ command }).command;
  assert.deepEqual(digest, digestOf(command));
  assert.equal(start, `${command.slice(0, 12_288)}…`);
  assert.equal(end, `…${command.slice(-4_096)}`);
});

Deno.test("createAudit() shows the end of a command that is padded at its start", () => {
  const command = `: ${" ".repeat(20_000)}; rm -rf /srv`;
  assert.match(argumentsOf({ command }).command.end, /; rm -rf \/srv$/);
});

/** Arguments of any number that no tool declares. */
function others(count: number, name = "x"): Record<string, unknown> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${name}${index}`, index]),
  );
}

Deno.test("createAudit() writes what the tool declares first, whatever stands before it", () => {
  const args = { ...others(64), command: "id", cwd: "/", host: "tesla" };
  const { arguments: written, arguments_left_out: leftOut } = recordOf({ args });
  assert.deepEqual(Object.keys(written).slice(0, 3), ["command", "cwd", "x0"]);
  assert.equal(Object.keys(written).length, 64);
  assert.deepEqual(leftOut, { count: 2, ...digestOf('{"x62":62,"x63":63}') });
});

Deno.test("createAudit() writes no argument under the name of another", () => {
  const long = "n".repeat(128);
  const args = { "canary-token": 1, "[secret]": 2, [long]: 3, [`${long}4`]: 4, [`${long}5`]: 5 };
  const { arguments: written, arguments_left_out: leftOut } = recordOf({ args });
  assert.deepEqual(written, { "[secret]": 1, [long]: 3 });
  assert.equal(leftOut.count, 3);
});

Deno.test("createAudit() bounds what a caller makes up", () => {
  const long = "n".repeat(10_000);
  const args = { ...others(1_000, long), ...others(1_000), command: "x" };
  const line = lineOf({
    tool: long,
    client: { name: long, version: long },
    deliveries: [delivery({ host: long, fallbackReason: long })],
    args,
  });
  assert.ok(line.length < 20_000, `${line.length} characters`);
  assert.equal(JSON.parse(line).arguments_left_out.count, 2_000 - 63);
});

Deno.test("createAudit() keeps an argument of the name __proto__", () => {
  const args = JSON.parse('{"__proto__":"a","constructor":"b"}');
  assert.deepEqual(Object.keys(argumentsOf(args)), ["__proto__", "constructor"]);
});

Deno.test("createAudit() hides known secrets wherever they stand", () => {
  const secret = "is canary-token here";
  const line = lineOf({
    tool: secret,
    client: { name: secret, version: secret },
    deliveries: [delivery({ host: secret, fallbackReason: secret })],
    args: { command: secret, path: "canary-token", [secret]: 1, content: secret },
  });
  assert.doesNotMatch(line, /canary/);
  assert.equal(line.match(/\[secret\]/g)?.length, 8);
});

Deno.test("createAudit() writes one line whatever the call holds", () => {
  const forged = 'a\n{"event":"ended"}\r\u2028';
  assert.doesNotMatch(lineOf({ tool: forged, args: { command: forged } }), /[\n\r]/);
});

Deno.test("createAudit() shows no control or bidirectional character raw, and loses none", () => {
  const forged = "a\u009b2J\u202eb\u007f\u200f\u2066\ufeff\u{e0041}";
  const line = lineOf({
    tool: forged,
    client: { name: forged, version: forged },
    args: { command: forged, [forged]: 1 },
    deliveries: [delivery({ host: forged, fallbackReason: forged })],
  });
  assert.match(line, /^[^\p{Cc}\p{Cf}\u2028\u2029]+$/u);
  assert.equal(JSON.parse(line).arguments.command, forged);
});

const NASTY = "\u0001".repeat(10_000);

const refusedCalls: readonly (readonly [string, Partial<CallRecord>])[] = [
  ["a long command", { args: { host: "tesla", command: NASTY } }],
  ["many declared arguments", { args: { command: NASTY, cwd: NASTY, timeout: 1 } }],
  ["many others", { args: others(1_000) }],
  ["long names of arguments", { args: others(1_000, NASTY) }],
  ["long names", { tool: NASTY, args: { host: NASTY }, client: { name: NASTY, version: NASTY } }],
  ["all of that", {
    tool: NASTY,
    principal: "p".repeat(10_000),
    client: { name: NASTY, version: NASTY },
    traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
    args: { ...others(1_000, NASTY), ...others(1_000), host: NASTY, command: NASTY, cwd: NASTY },
  }],
];

for (const [what, call] of refusedCalls) {
  Deno.test(`createAudit() writes at most 2 KB of a refused call with ${what}`, () => {
    const line = lineOf({ ...call, deliveries: [], outcome: "refused" });
    const { length } = new TextEncoder().encode(`${line}\n`);
    assert.ok(length <= 2_048, `${length} bytes`);
    assert.equal(JSON.parse(line).outcome, "refused");
  });
}

Deno.test("createAudit() writes a short refused call like any other", () => {
  const call = { deliveries: [], args: { host: "x", command: "id", other: 1 } };
  const { outcome: _, ...refused } = recordOf({ ...call, outcome: "refused" });
  const { outcome: __, ...ok } = recordOf({ ...call, outcome: "ok" });
  assert.deepEqual(refused, ok);
});

Deno.test("createAudit() writes a call that is refused after it began with the start of its first line", () => {
  const call = callRecord({ args: { host: "tesla", command: "x".repeat(4_000) }, deliveries: [] });
  const [begun = "", ended = ""] = writes((audit) => {
    audit.begin(call, CONTEXT);
    call.outcome = "refused";
    audit.end(call, CONTEXT);
  });
  assert.deepEqual(JSON.parse(ended).arguments, JSON.parse(begun).arguments);
});

Deno.test("createAudit() writes how many lines were left out", () => {
  const [line = ""] = writes((audit) =>
    audit.leaveOut("refused calls", { principal: "ann", count: 7 })
  );
  assert.deepEqual(JSON.parse(line), {
    time: "1970-01-01T00:00:00.000Z",
    event: "left_out",
    what: "refused calls",
    principal: "ann",
    count: 7,
  });
});
