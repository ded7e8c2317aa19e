import assert from "node:assert/strict";
import { callRecord, delivery } from "../../calls/record.ts";
import { writes } from "../writes.ts";
import { CONTEXT, lineOf, recordOf } from "./lines.ts";

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

Deno.test("createAudit() writes null for what a call did not reach", () => {
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
