import assert from "node:assert/strict";
import { MAX_OPEN } from "../../../lib/approvals/store.ts";
import { newApprovalId } from "../../../lib/approvals/new_id.ts";
import { shareApprovals } from "../../../lib/approvals/shared/store.ts";
import type { ApprovalRequest, ApprovalStore } from "../../../lib/approvals/store.ts";
import type { NatsSettings } from "../../../lib/nats/settings.ts";
import { NATS_SERVER, startNats } from "../../nats/server.ts";
import { until } from "../../processes.ts";
import { joinHubs } from "../../shared/open_hubs.ts";

const ignore = NATS_SERVER === null;
const ALLOWED = { verdict: "allowed", by: "the operator" } as const;
const DENIED = { verdict: "denied", by: "the operator" } as const;

async function openStore(id: string, settings: NatsSettings) {
  const joined = await joinHubs(id, settings);
  let aheadMs = 0;
  const { approvals: table, peers } = joined.shared;
  const store = shareApprovals({ table, peers, now: () => Date.now() + aheadMs });
  return {
    ...store,
    table,
    peers,
    wait: (ms: number) => {
      aheadMs += ms;
    },
    states: async () => (await store.list()).map(({ id, state }) => `${id} ${state}`),
    [Symbol.asyncDispose]: async () => {
      store.close();
      await joined[Symbol.asyncDispose]();
    },
  };
}

function requestOf(principal = "alice"): ApprovalRequest {
  const askedAt = Date.now();
  return {
    id: newApprovalId(),
    asked: "operator",
    principal,
    tool: "remote_shell",
    digests: { arguments: "a", hosts: "b" },
    hosts: "web1",
    shown: "command: id",
    signingKey: "key",
    askedAt,
    expiresAt: askedAt + 600_000,
  };
}

async function putOn(store: Pick<ApprovalStore, "put">): Promise<ApprovalRequest> {
  const request = requestOf();
  assert.equal(await store.put(request), "kept");
  return request;
}

Deno.test({
  name: "what one hub asks, another allows, and all hubs together use once",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openStore("one", server.settings);
    await using two = await openStore("two", server.settings);
    let changes = 0;
    const end = two.watch?.(() => changes++);
    const request = requestOf();
    const { id } = request;
    assert.equal(await one.put(request), "kept");
    assert.deepEqual(await two.find(id), { ...request, state: "waiting", decidedBy: null });
    await until(async () => (await two.list()).length === 1);
    assert.ok(changes > 0);
    assert.deepEqual([await one.take(id), await two.take(id)], [false, false]);
    const decided = await Promise.all([two.decide(id, ALLOWED), one.decide(id, ALLOWED)]);
    assert.deepEqual(decided.map(({ kind }) => kind).sort(), ["before", "decided"]);
    end?.();
  },
});

Deno.test({
  name: "of many calls that use one approval through several hubs at once, one runs",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openStore("one", server.settings);
    await using two = await openStore("two", server.settings);
    for (let round = 0; round < 5; round++) {
      const request = requestOf();
      await one.put(request);
      assert.equal((await two.decide(request.id, ALLOWED)).kind, "decided");
      const taken = await Promise.all(
        Array.from({ length: 10 }, (_, index) => [one, two][index % 2]?.take(request.id)),
      );
      assert.equal(taken.filter(Boolean).length, 1);
      assert.equal((await one.find(request.id))?.state, "used");
    }
  },
});

Deno.test({
  name: "of two operators at two hubs at once, whoever says no is heard, unless it is used",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openStore("one", server.settings);
    await using two = await openStore("two", server.settings);
    for (let round = 0; round < 5; round++) {
      const { id } = await putOn(one);
      await Promise.all([two.decide(id, ALLOWED), one.decide(id, DENIED)]);
      assert.equal((await two.find(id))?.state, "denied");
      assert.deepEqual([await one.take(id), await two.take(id)], [false, false]);
    }
    const { id } = await putOn(one);
    await two.decide(id, ALLOWED);
    const [isTaken, denied] = await Promise.all([one.take(id), two.decide(id, DENIED)]);
    assert.equal(denied.kind, isTaken ? "before" : "decided");
  },
});

Deno.test("what cannot be written is not kept", async () => {
  const away = () => Promise.resolve({ kind: "away" } as const);
  const table = {
    read: away,
    write: away,
    remove: () => Promise.resolve(false),
    watch: () => () => {},
  };
  const store = shareApprovals({ table, peers: { isUp: () => true }, now: () => 0 });
  assert.equal(await store.put(requestOf()), "lost");
  assert.deepEqual(await store.list(), []);
  store.close();
});

Deno.test({
  name: "an approval that is over, or that somebody has dropped, is there for no hub",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openStore("one", server.settings);
    await using two = await openStore("two", server.settings);
    const [first, second] = [requestOf(), requestOf()];
    for (const request of [first, second]) await one.put(request);
    await until(async () => (await two.list()).length === 2);
    const dropped = await Promise.all([one.drop(first.id), two.drop(first.id)]);
    assert.equal(dropped.filter((approval) => approval !== null).length, 1);
    assert.equal(await two.find(first.id), null);
    await until(async () => (await one.list()).length === 1);
    await two.decide(second.id, ALLOWED);
    one.wait(600_000);
    two.wait(600_000);
    assert.deepEqual([await one.find(second.id), await two.list()], [null, []]);
    assert.equal(await two.take(second.id), false);
    assert.equal((await one.drop(second.id))?.state, "allowed");
  },
});

Deno.test({
  name: "as many approvals wait as may, counted for all hubs",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openStore("one", server.settings);
    await using two = await openStore("two", server.settings);
    for (let count = 0; count < MAX_OPEN.ofPrincipal; count++) await one.put(requestOf());
    await until(async () => (await two.list()).length === MAX_OPEN.ofPrincipal);
    assert.equal(await two.put(requestOf()), "full");
    assert.equal(await two.put(requestOf("bob")), "kept");
  },
});

Deno.test({
  name: "while NATS is away nothing shared can be used, and what is asked is this hub's alone",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openStore("one", server.settings);
    await using two = await openStore("two", server.settings);
    const shared = requestOf();
    await one.put(shared);
    await two.decide(shared.id, ALLOWED);
    await server.kill();
    await until(() => !one.peers.isUp() && !two.peers.isUp());
    assert.equal(await one.take(shared.id), false);
    assert.equal((await one.decide(shared.id, DENIED)).kind, "unknown");
    const own = requestOf();
    assert.equal(await one.put(own), "kept");
    assert.equal((await one.decide(own.id, ALLOWED)).kind, "decided");
    await server.start();
    await until(() => one.peers.isUp() && two.peers.isUp());
    assert.deepEqual([await two.take(own.id), await one.take(own.id)], [false, true]);
    assert.deepEqual([await one.take(own.id), await one.take(shared.id)], [false, true]);
    assert.equal(await two.take(shared.id), false);
  },
});

Deno.test({
  name: "what is no approval in the table, or another one's, is none",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openStore("one", server.settings);
    const [allowed, other] = [requestOf(), requestOf()];
    const write = (key: string, value: unknown) =>
      one.table.write(key, new TextEncoder().encode(JSON.stringify(value)), null);
    // An approval under the id of another call.
    await write(other.id, { ...allowed, state: "allowed", decidedBy: "x" });
    await write(allowed.id, { ...allowed, state: "allowed", expiresAt: "never" });
    for (const id of [allowed.id, other.id, "*", ">", "a.b", ""]) {
      assert.deepEqual([await one.find(id), await one.take(id)], [null, false]);
    }
    assert.deepEqual(await one.list(), []);
  },
});
