import assert from "node:assert/strict";
import { createPause } from "../../../lib/base/bursts.ts";
import { systemClock } from "../../../lib/base/time/clock.ts";
import { Directory } from "../../../lib/outputs/shared/directory.ts";
import { askElsewhere } from "../../../lib/outputs/shared/elsewhere.ts";
import { Publisher } from "../../../lib/outputs/shared/publisher.ts";
import { Space } from "../../../lib/outputs/shared/space.ts";
import { createOutputs } from "../../../lib/outputs/store.ts";
import type { Table } from "../../../lib/shared/table.ts";

const { signal } = new AbortController();

Deno.test("a hub that says at once that a call goes on is not asked without end", async () => {
  let asked = 0;
  const peers = {
    id: "one",
    isUp: () => true,
    others: () => ["two"],
    ask: () => {
      asked++;
      return Promise.resolve({ kind: "answer", body: { state: "running" } } as const);
    },
    askAll: () => Promise.resolve([]),
    serve: () => () => {},
    watch: () => () => {},
  };
  const call = { hub: "two", principal: "ann", id: "o-aaaaaaaaa" };
  const found = await askElsewhere(call, { peers, clock: systemClock });
  assert.ok(found.kind === "running");
  assert.equal(await found.waitForEnd(30, signal), false);
  assert.ok(asked <= 3, `${asked} questions`);
});

/** A publisher to a table, whose own calls of "ann" go on. */
function openPublisher(table: Table) {
  const claimantOf = (name: string) => ({ name, isOperator: true });
  const own = createOutputs({ claimantOf, now: () => 0, maxIds: 20_000 });
  const directory = new Directory(table);
  const bounds = { maxBytes: 1_000, maxIds: 20_000, maxAgeMs: 1_000 };
  const publisher = new Publisher({
    hub: "one",
    own,
    table,
    directory,
    space: new Space({ ...bounds, table, directory, claimantOf, wall: () => 0 }),
    redact: (text) => text,
    pause: createPause(),
    log: console,
    wall: () => 0,
  });
  const { id } = own.begin("ann", { startedAt: 0, end() {} });
  return {
    publisher,
    publishMany: async (count: number) => {
      for (let at = 0; at < count; at++) {
        publisher.publish({ principal: "ann", id, key: `of-ann.${at}` });
      }
      await publisher.allSettled();
    },
    [Symbol.dispose]: () => {
      directory.close();
      own.forget(["ann"]);
    },
  };
}

Deno.test("what cannot be shared for days is remembered within bounds", async () => {
  let writes = 0;
  const table: Table = {
    read: () => Promise.resolve({ kind: "away" }),
    write: () => {
      writes++;
      return Promise.resolve({ kind: "away" });
    },
    remove: () => Promise.resolve(false),
    watch: () => () => {},
  };
  using opened = openPublisher(table);
  const { publisher, publishMany } = opened;
  await publishMany(10_050);
  assert.equal(writes, 10_050);
  // Hubs may come and go a thousand times a second.
  for (let count = 0; count < 3; count++) publisher.retry();
  await publisher.allSettled();
  assert.equal(writes, 20_050);
});

Deno.test("what could not be shared is shared later, a few at a time", async () => {
  let isAway = true;
  let [writing, most] = [0, 0];
  const written = new Set<string>();
  const listeners: ((revision: number) => void)[] = [];
  const table: Table = {
    read: () => Promise.resolve({ kind: "none" }),
    write: async (key) => {
      if (isAway) return { kind: "away" };
      most = Math.max(most, ++writing);
      await new Promise((resolve) => setTimeout(resolve, 0));
      writing--;
      written.add(key);
      for (const listener of listeners) listener(written.size);
      return { kind: "written", revision: written.size };
    },
    remove: () => Promise.resolve(true),
    watch: (_, listener) => {
      listeners.push((revision) =>
        listener({ kind: "put", entry: { key: "none", value: new Uint8Array(0), revision } })
      );
      return () => {};
    },
  };
  using opened = openPublisher(table);
  const { publisher, publishMany } = opened;
  await publishMany(200);
  assert.equal(written.size, 0);
  isAway = false;
  publisher.retry();
  await publisher.allSettled();
  assert.equal(written.size, 200);
  assert.ok(most <= 4, `${most} at once`);
});
