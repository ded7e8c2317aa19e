import assert from "node:assert/strict";
import type { CallRecord } from "../../lib/calls/record.ts";
import { createRedact } from "../../lib/base/text/redact.ts";
import { Secret } from "../../lib/base/secret.ts";
import { resolveTargets } from "../../lib/targets/expression.ts";
import { callRecord, delivery } from "../calls/record.ts";
import { writes } from "./writes.ts";

const CONTEXT = { redact: createRedact([new Secret("canary-token")]), declared: ["targets"] };

function lineOf(call: Partial<CallRecord>): string {
  return writes((audit) => audit.end(callRecord(call), CONTEXT)).join("");
}

function recordOf(call: Partial<CallRecord>) {
  return JSON.parse(lineOf(call));
}

Deno.test("createAudit() names the hosts of a call before it is sent, and again when it has ended", () => {
  const hosts = ["web1", "web2", "web3", "canary-token"];
  const call = callRecord({ hosts, deliveries: [], args: { targets: "@all", check: "uptime" } });
  const lines = writes((audit) => {
    audit.begin(call, CONTEXT);
    audit.end(call, CONTEXT);
  });
  assert.equal(lines.length, 2);
  for (const line of lines) {
    const { hosts, host, arguments: args } = JSON.parse(line);
    assert.deepEqual([hosts, host], ["web[1-3] [secret]", null]);
    assert.deepEqual(args, { targets: "@all", check: "uptime" });
  }
  const { deliveries } = recordOf({ hosts: ["a"], deliveries: [delivery({ host: "a" })] });
  assert.deepEqual(deliveries.map(({ host }: { host: string }) => host), ["a"]);
  assert.equal("hosts" in recordOf({}), false);
});

Deno.test("createAudit() names each of a thousand hosts once, those that fared alike together", () => {
  const name = (at: number) => `web${String(at).padStart(4, "0")}`;
  const deliveries = Array.from({ length: 1_000 }, (_, at) =>
    delivery({
      host: name(at),
      outcome: at % 2 === 0 ? "ok" : "not_delivered",
      via: at % 2 === 0 ? "lmcp" : null,
      exitCode: at % 2 === 0 ? at % 4 : null,
      fallbackReason: at === 1 ? "refused" : null,
      phases: { queue: at, connect: null, run: 1 },
    }));
  const { deliveries: groups } = recordOf({
    deliveries,
    hosts: deliveries.map(({ host }) => host),
  });
  const hosts = deliveries.map(({ host }) => ({ name: host, tags: [] }));
  const outcomes = groups.flatMap(
    (group: { hosts: string; outcome: string; exit_code: number }) => {
      const found = resolveTargets(group.hosts, { all: hosts, groups: new Map() });
      assert.equal(found.kind, "targets");
      return found.targets.map(({ name }) => [name, group.outcome, group.exit_code]);
    },
  );
  assert.equal(groups.length, 4);
  assert.deepEqual(
    outcomes.toSorted(([a]: readonly string[], [b]: readonly string[]) =>
      String(a) < String(b) ? -1 : 1
    ),
    deliveries.map(({ host, outcome, exitCode }) => [host, outcome, exitCode]),
  );
  const first = groups.find(({ exit_code: code }: { exit_code: number | null }) => code === 0);
  assert.deepEqual([first.queue_ms, first.connect_ms, first.run_ms], [996, null, 1]);
});

Deno.test("createAudit() writes reasons of many hosts that differ no more than so many times", () => {
  const deliveries = Array.from(
    { length: 1_000 },
    (_, at) =>
      delivery({ host: `h${at}`, fallbackReason: `canary-token ${at} ${"n".repeat(10_000)}` }),
  );
  const line = lineOf({ deliveries });
  assert.ok(line.length < 2_000, `${line.length} characters`);
  assert.match(line, /"hosts":"h\[0-999\]"/);
});
