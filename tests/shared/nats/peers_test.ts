import assert from "node:assert/strict";
import { NATS_SERVER, startNats } from "../../nats/server.ts";
import { until } from "../../processes.ts";
import { joinHubs } from "../open_hubs.ts";

const ignore = NATS_SERVER === null;
const TIME = { timeoutMs: 10_000 };

Deno.test({
  name: "hubs know of each other, ask each other, and notice that one has left",
  ignore,
  fn: async () => {
    await using server = await startNats();
    await using one = await joinHubs("one", server.settings);
    await using two = await joinHubs("two", server.settings);
    const [a, b] = [one.shared.peers, two.shared.peers];
    await until(() => a.others().length === 1 && b.others().length === 1);
    assert.deepEqual([a.others(), b.others()], [["two"], ["one"]]);
    b.serve("sum", (body, from) => {
      assert.ok(Array.isArray(body));
      return `${from}: ${body.length}`;
    });
    b.serve("nothing", () => null);
    const ask = (hub: string, topic: string, { timeoutMs } = TIME) =>
      a.ask(hub, { topic, body: [1, 2], timeoutMs });
    assert.deepEqual(await ask("two", "sum"), { kind: "answer", body: "one: 2" });
    assert.deepEqual(await a.askAll({ topic: "sum", body: [1], ...TIME }), ["one: 1"]);
    assert.deepEqual(await ask("two", "nothing", { timeoutMs: 20 }), { kind: "silent" });
    assert.deepEqual(await ask("three", "sum"), { kind: "gone" });
    await two.shared.close();
    await until(() => a.others().length === 0);
    assert.deepEqual(await ask("two", "sum"), { kind: "gone" });
    assert.deepEqual(await a.askAll({ topic: "sum", body: [1], ...TIME }), []);
  },
});

Deno.test({
  name: "hubs whose server is away say so at once, and find each other when it is back",
  ignore,
  fn: async () => {
    await using server = await startNats();
    await using one = await joinHubs("one", server.settings);
    await using two = await joinHubs("two", server.settings);
    const [a, b] = [one.shared.peers, two.shared.peers];
    b.serve("echo", (body) => body);
    let changes = 0;
    const end = a.watch(() => changes++);
    await server.kill();
    await until(() => !a.isUp() && !b.isUp());
    assert.ok(changes > 0);
    assert.deepEqual(await a.ask("two", { topic: "echo", body: 1, ...TIME }), { kind: "away" });
    await server.start();
    await until(() => a.isUp() && b.isUp());
    const echo = { topic: "echo", body: { x: 1 }, ...TIME };
    // The server may hear the question before it hears again what the other one listens to.
    await until(async () => (await a.ask("two", echo)).kind !== "gone");
    assert.deepEqual(await a.ask("two", echo), { kind: "answer", body: { x: 1 } });
    end();
  },
});
