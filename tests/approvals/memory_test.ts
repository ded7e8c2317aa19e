import assert from "node:assert/strict";
import { createMemoryApprovals } from "../../lib/approvals/memory.ts";
import { MAX_OPEN } from "../../lib/approvals/store.ts";
import type { ApprovalRequest } from "../../lib/approvals/store.ts";

const YES = { verdict: "allowed", by: "one" } as const;

function open() {
  const time = { now: 0 };
  return { time, store: createMemoryApprovals({ now: () => time.now }) };
}

function request(id: string, parts: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    id,
    asked: "operator",
    principal: "alice",
    tool: "remote_shell",
    digests: { arguments: "a", hosts: "h" },
    hosts: "web1",
    shown: "tool: remote_shell",
    signingKey: "key",
    askedAt: 0,
    expiresAt: 100,
    ...parts,
  };
}

Deno.test("a store has nothing whose time is over, whoever forgets it", async () => {
  const { time, store } = open();
  await store.put(request("a"));
  await store.put(request("b"));
  await store.decide("b", YES);
  time.now = 99;
  assert.deepEqual((await store.list()).map(({ id }) => id), ["a", "b"]);
  time.now = 100;
  assert.deepEqual(await store.list(), []);
  assert.equal(await store.find("a"), null);
  assert.deepEqual(await store.decide("a", YES), { kind: "unknown" });
  assert.equal(await store.take("b"), false);
  assert.equal((await store.drop("b"))?.state, "allowed");
  assert.equal(await store.drop("b"), null);
});

Deno.test("a store decides once, and has one used that was allowed, once", async () => {
  const { store } = open();
  await store.put(request("a"));
  assert.equal(await store.take("a"), false);
  const decided = await Promise.all([
    store.decide("a", YES),
    store.decide("a", { verdict: "allowed", by: "two" }),
  ]);
  assert.deepEqual(decided.map(({ kind }) => kind), ["decided", "before"]);
  const taken = await Promise.all([store.take("a"), store.take("a")]);
  assert.deepEqual(taken, [true, false]);
  const { state, decidedBy } = await store.find("a") ?? assert.fail();
  assert.deepEqual([state, decidedBy], ["used", "one"]);
  await store.put(request("b"));
  await store.decide("b", { verdict: "denied", by: "two" });
  assert.equal(await store.take("b"), false);
});

Deno.test("a store makes room where others were used, denied or are over", async () => {
  const { time, store } = open();
  for (let at = 0; at < MAX_OPEN.ofPrincipal; at++) await store.put(request(`a${at}`));
  assert.equal(await store.put(request("more")), "full");
  await store.decide("a0", { verdict: "denied", by: "one" });
  assert.equal(await store.put(request("more")), "kept");
  assert.equal(await store.put(request("another")), "full");
  time.now = 100;
  assert.equal(await store.put(request("another", { expiresAt: 200 })), "kept");
});

Deno.test("a store does not grow with what was used", async () => {
  const { store } = open();
  for (let at = 0; at < 1_000; at++) {
    await store.put(request(`a${at}`));
    await store.decide(`a${at}`, YES);
    await store.take(`a${at}`);
  }
  const { length } = await store.list();
  assert.ok(length < 300, `${length}`);
});

Deno.test("a store takes back what was allowed as long as nobody has used it", async () => {
  const { store } = open();
  const no = { verdict: "denied", by: "two" } as const;
  await store.put(request("a"));
  await store.decide("a", YES);
  assert.equal((await store.decide("a", no)).kind, "decided");
  assert.deepEqual([await store.take("a"), (await store.find("a"))?.decidedBy], [false, "two"]);
  assert.equal((await store.decide("a", YES)).kind, "before");
  await store.put(request("b"));
  await store.decide("b", YES);
  await store.take("b");
  assert.equal((await store.decide("b", no)).kind, "before");
  assert.equal((await store.find("b"))?.state, "used");
});
