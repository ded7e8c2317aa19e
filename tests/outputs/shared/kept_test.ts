import assert from "node:assert/strict";
import { assertQuick } from "../../assert_quick.ts";
import { NATS_SERVER, startNats } from "../../nats/server.ts";
import { until } from "../../processes.ts";
import { openOutputs, type OutputsHub } from "./hubs.ts";

const ignore = NATS_SERVER === null;
const OK = { isError: false };

/** A hub waits no longer than that for others to find what it keeps, or to hear of what they keep. */
const SHARE_MS = 1_000;

async function knowEachOther(...hubs: OutputsHub[]): Promise<void> {
  await until(() => hubs.every(({ shared }) => shared.peers.others().length === hubs.length - 1));
}

/** Whether hubs that keep something did not wait in vain, as they do on a machine that is busy. */
async function keepInTime<T>(keep: () => Promise<T> | T): Promise<readonly [T, boolean]> {
  const startedAt = performance.now();
  const kept = await keep();
  return [kept, performance.now() - startedAt < SHARE_MS];
}

/** What there is in the table at a key. */
async function kindAt({ shared }: OutputsHub, key: string): Promise<string> {
  return (await shared.outputs.read(key)).kind;
}

Deno.test({
  name:
    "what one hub keeps is found by another, by its principal alone, as soon as its id is known",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openOutputs("one", server.settings);
    await using two = await openOutputs("two", server.settings);
    await knowEachOther(one, two);
    let inTime = 0;
    for (let count = 0; count < 20; count++) {
      const isError = count % 2 === 1;
      const [id, isInTime] = await keepInTime(() =>
        one.outputs.keep("ann", `größer ${count}`, { isError })
      );
      const text = `${isError ? "error: " : ""}größer ${count}`;
      if (isInTime) inTime++;
      else await until(async () => await kindAt(two, `of-ann.${id}`) === "entry");
      assert.equal(await two.find("ann", id), text);
      assert.deepEqual([await two.find("ben", id), await two.find("operator", id)], [null, null]);
    }
    assert.ok(inTime > 0);
    for (const odd of ["o-nothing", "o-", "o-a.b", "o-*", "o->", "x"]) {
      assert.equal(await two.find("ann", odd), null);
    }
  },
});

Deno.test({
  name: "an answer of many megabytes is whole at the other hub, which keeps it then",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openOutputs("one", server.settings);
    await using two = await openOutputs("two", server.settings);
    await knowEachOther(one, two);
    const text = Array.from({ length: 500_000 }, (_, line) => `line ${line}: ä\n`).join("");
    const id = await one.outputs.keep("ann", text, OK) ?? "";
    await until(async () => await two.find("ann", id) === text);
    assert.equal(two.own.find("ann", id)?.kind, "ended");
    assert.equal(await two.outputs.keep("ann", "x".repeat(33 * 1024 * 1024), OK), null);
  },
});

Deno.test({
  name: "what a hub has kept is there after it is gone, and after the server was killed",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using two = await openOutputs("two", server.settings);
    let id: string | null = null;
    {
      await using one = await openOutputs("one", server.settings);
      await knowEachOther(one, two);
      id = await one.outputs.keep("ann", "kept", OK);
      await until(async () => await kindAt(two, `of-ann.${id}`) === "entry");
      await one.crash();
    }
    await server.kill();
    await until(() => !two.shared.peers.isUp());
    assert.equal(await two.find("ann", id), "out of reach");
    await server.start();
    await until(async () => await two.find("ann", id) === "kept");
  },
});

Deno.test({
  name: "what is kept while the server is away is shared when it is back, and nothing waits for it",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openOutputs("one", server.settings);
    await using two = await openOutputs("two", server.settings);
    await knowEachOther(one, two);
    await server.kill();
    await until(() => !one.shared.peers.isUp() && !two.shared.peers.isUp());
    const made: { id: string | null; pending: ReturnType<OutputsHub["outputs"]["begin"]> }[] = [];
    await assertQuick(SHARE_MS / 2, async () => {
      const id = await one.outputs.keep("ann", "kept", OK);
      const pending = one.outputs.begin("ann", { startedAt: 0, end() {} });
      await pending.isShared;
      made.push({ id, pending });
    });
    const { id, pending } = made.at(-1) ?? assert.fail();
    assert.equal(await one.find("ann", id), "kept");
    assert.equal(await two.find("ann", id), "out of reach");
    pending.finish("done", { isError: true });
    await server.start();
    await until(async () => await two.find("ann", id) === "kept");
    await until(async () => await two.find("ann", pending.id) === "error: done");
  },
});

Deno.test({
  name: "no token of a hub is in what it shares",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openOutputs("one", server.settings);
    await using two = await openOutputs("two", server.settings);
    await knowEachOther(one, two);
    const id = await one.outputs.keep("operator", "token: s3cret", OK);
    assert.equal(await one.find("operator", id), "token: s3cret");
    await until(async () => await kindAt(two, `of-operator.${id}`) === "entry");
    assert.equal(await two.find("operator", id), "token: [secret]");
  },
});

Deno.test({
  name: "what is kept is out of everybody's reach once its principal is forgotten, or may do less",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    let rights: string | null = "all";
    const ownerOf = (principal: string) => principal === "ann" ? rights : "other";
    await using one = await openOutputs("one", server.settings, { ownerOf });
    await using two = await openOutputs("two", server.settings, { ownerOf });
    await knowEachOther(one, two);
    const before = await one.outputs.keep("ann", "before", OK);
    await until(async () => await kindAt(two, `all.${before}`) === "entry");
    rights = "less";
    assert.equal(await two.find("ann", before), null);
    const after = await one.outputs.keep("ann", "after", OK);
    await until(async () => await two.find("ann", after) === "after");
    two.outputs.forget(["ann"]);
    await until(async () => await kindAt(two, `all.${before}`) === "none");
    assert.equal(await two.find("ann", after), "after");
    rights = null;
    one.outputs.forget(["ann"]);
    two.outputs.forget(["ann"]);
    await until(async () => await kindAt(two, `less.${after}`) === "none");
    await until(async () => await kindAt(two, `less.${after}.0`) === "none");
    assert.equal(await two.find("ann", after), null);
  },
});

Deno.test({
  name: "the bounds of what is kept hold for all hubs together, also the share of a client",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    const bounds = { maxBytes: 100, maxIds: 8 };
    await using one = await openOutputs("one", server.settings, bounds);
    await using two = await openOutputs("two", server.settings, bounds);
    await using three = await openOutputs("three", server.settings, bounds);
    await knowEachOther(one, two, three);
    const ben = await one.outputs.keep("ben", "b".repeat(30), OK);
    const anns: (string | null)[] = [];
    for (const hub of [one, two, one]) anns.push(await hub.outputs.keep("ann", "a".repeat(25), OK));
    for (const key of [`ben.${ben}`, `ann.${anns[1]}`, `ann.${anns[2]}`]) {
      await until(async () => await kindAt(three, `of-${key}`) === "entry");
    }
    const seen = async () => await Promise.all(anns.map((id) => three.find("ann", id)));
    await until(async () => (await seen())[0] === "gone");
    assert.deepEqual(await seen(), ["gone", "a".repeat(25), "a".repeat(25)]);
    assert.equal(await three.find("ben", ben), "b".repeat(30));
    for (let count = 0; count < 10; count++) {
      await [one, two][count % 2]?.outputs.keep("ann", `${count}`, OK);
    }
    const keys = new Set<string>();
    let isComplete = false;
    const end = three.shared.outputs.watch("*.*", (change) => {
      if (change.kind === "put") keys.add(change.entry.key);
      if (change.kind === "complete") isComplete = true;
    });
    await until(() => isComplete);
    end();
    assert.ok(keys.size > 0);
    const anns2 = [...keys].filter((key) => key.startsWith("of-ann."));
    assert.ok(anns2.length <= 4, `${anns2.length} ids`);
    assert.equal(await three.find("ben", ben), "b".repeat(30));
  },
});

Deno.test({
  name: "hubs that keep answers at the same moment are within the bounds together",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    const bounds = { maxBytes: 100, maxIds: 100 };
    await using one = await openOutputs("one", server.settings, bounds);
    await using two = await openOutputs("two", server.settings, bounds);
    // What the others have in their own memory says nothing of the table.
    await using three = await openOutputs("three", server.settings, bounds);
    await knowEachOther(one, two, three);
    for (let [round, tries] = [0, 0]; round < 10; tries++) {
      assert.ok(tries < 100, `${round} of ${tries} in time`);
      const [ids, isInTime] = await keepInTime(() =>
        Promise.all([one, two].map(({ outputs }) => outputs.keep("ann", "a".repeat(40), OK)))
      );
      if (!isInTime) continue;
      round++;
      const found = await Promise.all(ids.map((id) => three.find("ann", id)));
      assert.ok(found.filter((text) => text !== "gone").length <= 1, `round ${round}`);
    }
  },
});

Deno.test({
  name: "a broken record, or one of another kind, is nothing, and stands in nobody's way",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openOutputs("one", server.settings);
    const { outputs: table } = one.shared;
    const put = (key: string, text: string) =>
      table.write(key, new TextEncoder().encode(text), null);
    await put("of-ann.o-aaaaaaaaa", "{");
    await put("of-ann.o-bbbbbbbbb", `{"kind":"ended","principal":"ann"}`);
    await put(
      "of-ann.o-ccccccccc",
      `{"kind":"ended","principal":"ann","isError":false,"bytes":5,"pieces":1,"at":0}`,
    );
    await put("of-ann.o-ddddddddd", `{"kind":"running","principal":"ann","hub":"no.*>","at":0}`);
    await put(
      "of-ann.o-eeeeeeeee",
      `{"kind":"ended","principal":"ann","isError":false,"bytes":9e15,"pieces":1,"at":0}`,
    );
    const found = await Promise.all(
      ["a", "b", "c", "d", "e"].map((letter) => one.find("ann", `o-${letter.repeat(9)}`)),
    );
    assert.deepEqual(found, [null, null, "gone", null, "gone"]);
    const id = await one.outputs.keep("ann", "kept", OK);
    assert.equal(await one.find("ann", id), "kept");
  },
});
