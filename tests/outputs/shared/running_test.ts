import assert from "node:assert/strict";
import type { RunningOutput } from "../../../lib/outputs/shelf.ts";
import { NATS_SERVER, startNats } from "../../nats/server.ts";
import { until } from "../../processes.ts";
import { openOutputs, type OutputsHub } from "./hubs.ts";

const ignore = NATS_SERVER === null;
const { signal } = new AbortController();

/** A call of "ann" that another hub runs, once that is known. */
async function findRunning({ outputs }: OutputsHub, id: string): Promise<RunningOutput> {
  const found: RunningOutput[] = [];
  await until(async () => {
    const output = await outputs.find("ann", id);
    if (output?.kind === "running") found.push(output);
    return found.length > 0;
  });
  return found[0] ?? assert.fail();
}

Deno.test({
  name: "a call that goes on is seen, waited for and ended from another hub",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openOutputs("one", server.settings);
    await using two = await openOutputs("two", server.settings);
    let isEnded = false;
    const startedAt = performance.now() - 5_000;
    const pending = one.outputs.begin("ann", {
      startedAt,
      end: () => isEnded = true,
      state: () => "3 of 4, s3cret",
    });
    const found = await findRunning(two, pending.id);
    assert.equal(await two.find("ben", pending.id), null);
    assert.equal(found.state?.(), "3 of 4, [secret]");
    const now = performance.now();
    const forMs = now - found.startedAt;
    assert.ok(forMs >= 5_000 && forMs <= now - startedAt, `${forMs} ms`);
    assert.equal(await found.waitForEnd(20, signal), false);
    assert.equal(isEnded, false);
    found.end();
    await until(() => isEnded);
    const waiting = found.waitForEnd(10_000, signal);
    pending.finish("done", { isError: true });
    assert.equal(await waiting, true);
    assert.equal(await two.find("ann", pending.id), "error: done");
  },
});

Deno.test({
  name: "a call whose hub is gone is lost, and whoever waits for it learns that",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using two = await openOutputs("two", server.settings);
    await using one = await openOutputs("one", server.settings);
    const pending = one.outputs.begin("ann", { startedAt: 0, end() {} });
    const found = await findRunning(two, pending.id);
    await one.crash();
    assert.equal(await two.find("ann", pending.id), "lost");
    const startedAt = performance.now();
    assert.equal(await found.waitForEnd(60_000, signal), false);
    assert.ok(performance.now() - startedAt < 30_000);
  },
});

Deno.test({
  name: "whoever waits for a call of another hub gets its answer although the server was killed",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openOutputs("one", server.settings);
    await using two = await openOutputs("two", server.settings);
    const pending = one.outputs.begin("ann", { startedAt: 0, end() {} });
    const found = await findRunning(two, pending.id);
    const waiting = found.waitForEnd(30_000, signal);
    await server.kill();
    await until(() => !one.shared.peers.isUp() && !two.shared.peers.isUp());
    assert.equal(await two.find("ann", pending.id), "out of reach");
    await server.start();
    await until(() => one.shared.peers.isUp() && two.shared.peers.isUp());
    pending.finish("done", { isError: false });
    assert.equal(await waiting, true);
    await until(async () => await two.find("ann", pending.id) === "done");
  },
});

Deno.test({
  name: "a caller who gives up waits no longer for a call of another hub",
  ignore,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    await using one = await openOutputs("one", server.settings);
    await using two = await openOutputs("two", server.settings);
    const pending = one.outputs.begin("ann", { startedAt: 0, end() {} });
    const found = await findRunning(two, pending.id);
    const giving = new AbortController();
    const waiting = found.waitForEnd(60_000, giving.signal);
    giving.abort();
    assert.equal(await waiting, false);
    pending.finish("", { isError: false });
  },
});
