import assert from "node:assert/strict";
import { systemClock } from "../../../lib/base/time/clock.ts";
import type { NatsConnection } from "../../../lib/nats/connection.ts";
import { openShared } from "../../../lib/shared/nats/open.ts";
import { NATS_SERVER } from "../../nats/server.ts";
import { startShipped } from "../../nats/shipped.ts";
import { until } from "../../processes.ts";

const ignore = NATS_SERVER === null;
const bytes = (text: string) => new TextEncoder().encode(text);

function open(id: string, connection: NatsConnection) {
  const log = { warn: console.warn, debug() {}, error: console.error };
  return openShared({ id, connection, clock: systemClock, log });
}

Deno.test({
  name:
    "with the permissions that are shipped, hubs share all that they share, and agents see none of it",
  ignore,
  fn: async () => {
    await using broker = await startShipped(["web1"]);
    const [hub, agent] = [await broker.connect("hub"), await broker.connect("web1")];
    const [one, two] = [open("one", hub), open("two", hub)];
    const seen: string[] = [];
    const overheard: string[] = [];
    for (const subject of ["lmcp.hub.>", "$KV.>", "$JS.>", "lmcp.inbox.>"]) {
      agent.subscribe({ subject, onMessage: ({ subject }) => overheard.push(subject) });
    }
    two.outputs.watch("*.*", (change) => change.kind === "put" && seen.push(change.entry.key));
    two.peers.serve("echo", (body) => body);
    for (const table of [one.outputs, one.calls, one.hosts, one.approvals]) {
      const written = await table.write("a.b", bytes("1"), 0);
      assert.equal(written.kind, "written");
      assert.equal((await table.read("a.b")).kind, "entry");
    }
    await until(() => seen.includes("a.b"));
    assert.equal(await one.outputs.remove("a.*"), true);
    const said = await one.peers.ask("two", { topic: "echo", body: "hi", timeoutMs: 10_000 });
    assert.deepEqual(said, { kind: "answer", body: "hi" });
    await until(() => one.peers.others().length === 1);
    assert.deepEqual(
      await one.peers.askAll({ topic: "echo", body: "all", timeoutMs: 10_000 }),
      ["all"],
    );

    const forged = open("forged", agent);
    assert.deepEqual(await forged.approvals.read("a.b"), { kind: "away" });
    assert.deepEqual(await forged.approvals.write("c", bytes("1"), null), { kind: "away" });
    assert.equal((await one.approvals.read("c")).kind, "none");
    assert.notEqual(
      (await forged.peers.ask("two", { topic: "echo", body: "hi", timeoutMs: 500 })).kind,
      "answer",
    );
    assert.deepEqual([overheard, one.peers.others()], [[], ["two"]]);
    assert.deepEqual(broker.complaints("hub"), []);
    await Promise.all([one, two, forged].map((shared) => shared.close()));
  },
});
