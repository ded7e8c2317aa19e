import assert from "node:assert/strict";
import { systemClock } from "../../../lib/base/time/clock.ts";
import { openNats } from "../../../lib/nats/connection.ts";
import { openBucket } from "../../../lib/shared/nats/bucket.ts";
import type { Change } from "../../../lib/shared/table.ts";
import { NATS_SERVER, startNats } from "../../nats/server.ts";
import { until } from "../../processes.ts";
import { joinHubs } from "../open_hubs.ts";

const ignore = NATS_SERVER === null;
const bytes = (text: string) => new TextEncoder().encode(text);

function show(change: Change): string {
  if (change.kind === "put") {
    return `${change.entry.key}: ${new TextDecoder().decode(change.entry.value)}`;
  }
  return change.kind === "removed" ? `no ${change.key}` : `all: ${[...change.keys].join(" ")}`;
}

Deno.test({
  name: "a table is the same for two hubs, and lets one alone write over what both have read",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await joinHubs("one", server.settings);
    await using two = await joinHubs("two", server.settings);
    const [a, b] = [one.shared.outputs, two.shared.outputs];
    assert.deepEqual(await a.read("x.y"), { kind: "none" });
    const first = await a.write("x.y", bytes("1"), 0);
    assert.ok(first.kind === "written");
    assert.deepEqual(await b.write("x.y", bytes("2"), 0), { kind: "conflict" });
    const read = await b.read("x.y");
    assert.ok(read.kind === "entry" && read.entry.revision === first.revision);
    const writes = await Promise.all([
      a.write("x.y", bytes("3"), first.revision),
      b.write("x.y", bytes("4"), first.revision),
    ]);
    assert.deepEqual(writes.map(({ kind }) => kind).sort(), ["conflict", "written"]);
    assert.equal(await a.remove("x.*"), true);
    assert.deepEqual(await b.read("x.y"), { kind: "none" });
    assert.equal((await b.write("x.y", bytes("5"), 0)).kind, "written");
  },
});

Deno.test({
  name: "a watched table reports what there is, and goes on after its server was killed",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await joinHubs("one", server.settings);
    await using two = await joinHubs("two", server.settings);
    const [a, b] = [one.shared.calls, two.shared.calls];
    await a.write("first", bytes("1"), null);
    await a.write("a.b", bytes("not for *"), null);
    const seen: string[] = [];
    const end = b.watch("*", (change) => seen.push(show(change)));
    await until(() => seen.length === 2);
    await a.write("second", bytes("2"), null);
    await until(() => seen.length === 3);
    assert.deepEqual(seen.splice(0), ["first: 1", "all: first", "second: 2"]);
    await server.kill();
    await until(() => !one.shared.peers.isUp() && !two.shared.peers.isUp());
    assert.deepEqual(await a.write("third", bytes("3"), null), { kind: "away" });
    assert.deepEqual(await a.read("first"), { kind: "away" });
    await server.start();
    await until(() => one.shared.peers.isUp() && two.shared.peers.isUp());
    await until(async () => (await a.write("third", bytes("3"), null)).kind === "written");
    await until(() => seen.includes("third: 3"));
    assert.ok(seen.includes("first: 1") && seen.includes("second: 2"));
    end();
  },
});

Deno.test({
  name: "a table that its server has lost is made once more, and watched",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await joinHubs("one", server.settings);
    const { hosts: table, peers } = one.shared;
    await table.write("old", bytes("1"), null);
    const seen: string[] = [];
    const end = table.watch("*", (change) => seen.push(show(change)));
    await until(() => seen.length === 2);
    await server.kill();
    await until(() => !peers.isUp());
    await Deno.remove(`${server.directory}/store`, { recursive: true });
    await server.start();
    await until(peers.isUp);
    await until(() => seen.includes("all: "));
    await table.write("new", bytes("2"), null);
    await until(() => seen.includes("new: 2"));
    assert.deepEqual(await table.read("old"), { kind: "none" });
    end();
  },
});

Deno.test({
  name: "a table of a server without JetStream is away, and nobody waits for it",
  ignore,
  fn: async () => {
    await using server = await startNats();
    await using one = await joinHubs("one", server.settings);
    const seen: string[] = [];
    const end = one.shared.hosts.watch("*", (change) => seen.push(show(change)));
    assert.deepEqual(await one.shared.hosts.read("x"), { kind: "away" });
    assert.equal(await one.shared.hosts.remove("x"), false);
    end();
    assert.deepEqual(seen, []);
  },
});

Deno.test({
  name: "a table that is full is away for those who write, which is said once",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    const lines: string[] = [];
    const log = {
      info() {},
      debug() {},
      warn: (message: string, { error }: { readonly error?: unknown } = {}) => {
        lines.push(`${message}: ${error}`);
      },
    };
    const connection = openNats({ settings: server.settings, name: "one", log });
    await until(connection.isUp);
    const bounds = { name: "small", maxAgeMs: 60_000, maxBytes: 2_000 };
    const table = openBucket({ ...bounds, connection, clock: systemClock, log });
    assert.equal((await table.write("x0", bytes("x".repeat(600)), null)).kind, "written");
    const kinds: string[] = [];
    for (let count = 1; count < 10; count++) {
      kinds.push((await table.write(`x${count}`, bytes("x".repeat(600)), null)).kind);
    }
    assert.deepEqual(kinds.slice(-5), new Array(5).fill("away"));
    assert.equal((await table.read("x0")).kind, "entry");
    assert.equal(lines.length, 1, lines.join("\n"));
    await table.close();
    await connection.close();
  },
});
