import assert from "node:assert/strict";
import { systemClock } from "../../../../lib/base/time/clock.ts";
import { beginRecord } from "../../../../lib/calls/record.ts";
import { createMemory } from "../../../../lib/history/memory.ts";
import { shareCalls } from "../../../../lib/hub/sharing/calls/share.ts";
import { createInFlight } from "../../../../lib/mcp/in_flight.ts";
import type { Table, Write } from "../../../../lib/shared/table.ts";
import type { NatsSettings } from "../../../../lib/nats/settings.ts";
import { createFakeClock } from "../../../base/time/fake_clock.ts";
import { NATS_SERVER, startNats } from "../../../nats/server.ts";
import { until } from "../../../processes.ts";
import { joinHubs } from "../../../shared/open_hubs.ts";

const ignore = NATS_SERVER === null;

async function openHub(id: string, settings: NatsSettings) {
  const joined = await joinHubs(id, settings);
  const inFlight = createInFlight();
  const { reader, writer } = createMemory({
    hostName: (name) => name,
    toolName: (name) => name,
    redact: (text) => text,
    clock: systemClock,
  });
  const sharing = shareCalls({
    shared: joined.shared,
    own: inFlight,
    history: reader,
    clients: () => ["ann", "ben"],
    redact: (text) => text,
    onChange() {},
    // Reports are made at once.
    clock: { ...systemClock, after: (_, callback) => systemClock.after(1, callback) },
    log: console,
  });
  const recordOf = (requestId: string, principal: string) =>
    beginRecord({
      requestId,
      principal,
      client: null,
      traceparent: null,
      tool: "remote_shell",
      args: { host: "web" },
    });
  return {
    ...sharing,
    table: joined.shared.calls,
    peers: joined.shared.peers,
    begin: (requestId: string) => {
      const record = recordOf(requestId, "ann");
      return inFlight.start({ key: null, record, startedAt: Date.now() }) ?? assert.fail();
    },
    record: (requestId: string, principal: string) => {
      writer.recordCall({ ...recordOf(requestId, principal), outcome: "unknown" });
      sharing.onCall();
    },
    forget: (principals: readonly string[]) => {
      writer.forgetPrincipals(principals);
      sharing.onGone(principals);
    },
    past: () => sharing.history.calls().map(({ id }) => id).sort(),
    running: () => sharing.calls.list().map(({ id }) => id).sort(),
    [Symbol.asyncDispose]: async () => {
      await sharing.close();
      await joined[Symbol.asyncDispose]();
    },
  };
}

Deno.test({
  name: "hubs show each other's calls and counts, and what is made of a call stays the same object",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openHub("one", server.settings);
    await using two = await openHub("two", server.settings);
    one.record("a", "ann");
    two.record("b", "ben");
    await until(() => one.past().length === 2 && two.past().length === 2);
    assert.deepEqual([one.past(), two.past()], [["a", "b"], ["a", "b"]]);
    for (const { history } of [one, two]) {
      assert.deepEqual(
        [null, "ann", "ben"].map((name) => history.countsOf(name)).map((
          { all, unknown },
        ) => [all, unknown]),
        [[2, 2], [1, 1], [1, 1]],
      );
      // Another minute may have begun since.
      const [before = 0, now = 0] = history.countsOf(null).byMinute.slice(-2);
      assert.equal(before + now, 2);
    }
    const before = two.history.calls();
    assert.equal(two.history.calls(), before);
    one.record("c", "ann");
    await until(() => two.past().length === 3);
    const a = (list: typeof before) => list.find(({ id }) => id === "a");
    assert.equal(a(two.history.calls()), a(before));
  },
});

Deno.test({
  name: "hubs end each other's calls, and show none of a hub that has left",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openHub("one", server.settings);
    {
      await using two = await openHub("two", server.settings);
      const [first, second] = [two.begin("first"), two.begin("second")];
      await until(() => one.running().length === 2);
      assert.equal(await one.calls.end("first"), true);
      assert.deepEqual([first.ending(), second.ending()], ["operator", null]);
      first.leave();
      await until(() => one.running().length === 1);
      assert.equal(await one.calls.end("first"), false);
    }
    await until(() => one.running().length === 0, 5_000);
    assert.equal(await one.calls.end("second"), false);
  },
});

Deno.test({
  name:
    "what somebody did who is not known any more is forgotten by all, also of a hub that has left",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openHub("one", server.settings);
    {
      await using gone = await openHub("gone", server.settings);
      gone.record("a", "ann");
      await until(() => one.past().length === 1);
    }
    await using two = await openHub("two", server.settings);
    two.record("b", "ann");
    two.record("c", "ben");
    await until(() => one.past().length === 3 && one.peers.others().length === 1);
    two.forget(["ann"]);
    one.forget(["ann"]);
    await until(() => one.past().join() === "c" && two.past().join() === "c");
    await until(async () => (await one.table.read("gone")).kind === "none");
  },
});

Deno.test({
  name: "a broken report of a hub stands in nobody's way",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openHub("one", server.settings);
    await one.table.write("two", new TextEncoder().encode(`{"recent":[{}]}`), null);
    await using three = await openHub("three", server.settings);
    three.record("a", "ann");
    await until(() => one.past().join() === "a");
  },
});

/** Lets all go on that waits for nothing but its turn. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

/** A table whose writes end when a test lets them. */
function slowTable() {
  const writes: (() => void)[] = [];
  let begun = 0;
  const table: Table = {
    read: () => Promise.resolve({ kind: "none" }),
    write: () => {
      const { promise, resolve } = Promise.withResolvers<Write>();
      writes.push(() => resolve({ kind: "written", revision: ++begun }));
      return promise;
    },
    remove: () => Promise.resolve(true),
    watch: () => () => {},
  };
  return {
    table,
    begun: () => begun + writes.length,
    /** Ends the writes that have begun, and lets what waits for them go on. */
    endWrites: async () => {
      for (const end of writes.splice(0)) end();
      await settle();
    },
  };
}

function shareWith(table: Table, clock: ReturnType<typeof createFakeClock>) {
  const { reader } = createMemory({
    hostName: (name) => name,
    toolName: (name) => name,
    redact: (text) => text,
    clock,
  });
  const peers = {
    id: "one",
    isUp: () => true,
    others: () => [],
    ask: () => Promise.resolve({ kind: "gone" } as const),
    askAll: () => Promise.resolve([]),
    serve: () => () => {},
    watch: () => () => {},
  };
  return shareCalls({
    shared: { peers, calls: table },
    own: createInFlight(),
    history: reader,
    clients: () => [],
    redact: (text) => text,
    onChange() {},
    clock,
    log: console,
  });
}

Deno.test("shareCalls() gathers what happens while a slow table takes a report into one more", async () => {
  const clock = createFakeClock();
  const { table, begun, endWrites } = slowTable();
  const sharing = shareWith(table, clock);
  for (let second = 0; second < 10; second++) {
    sharing.onCall();
    clock.advance(1_000);
    await settle();
  }
  assert.equal(begun(), 1);
  for (let round = 0; round < 12; round++) {
    await endWrites();
    clock.advance(1_000);
  }
  assert.equal(begun(), 2);
  await sharing.close();
  assert.equal(begun(), 2);
});

Deno.test("shareCalls() reports at its end what has happened since the last report", async () => {
  const clock = createFakeClock();
  const { table, begun, endWrites } = slowTable();
  const sharing = shareWith(table, clock);
  sharing.onCall();
  clock.advance(1_000);
  await settle();
  sharing.onCall();
  const closing = sharing.close();
  await endWrites();
  assert.equal(begun(), 2);
  await endWrites();
  await closing;
  assert.equal(clock.pending(), 0);
});
