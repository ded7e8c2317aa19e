import assert from "node:assert/strict";
import { watchConfiguration } from "../../lib/hub/watch.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";

/** A watch whose files, requests and clock are in the test's hands. */
function startWatch() {
  const clock = createFakeClock();
  const stop = new AbortController();
  const listeners = new Set<() => void>();
  const world: { change: string | null; checks: number; reloads: number } = {
    change: null,
    checks: 0,
    reloads: 0,
  };
  let finishReload: (() => void) | null = null;
  const ended = watchConfiguration({
    findChange: () => {
      world.checks++;
      return Promise.resolve(world.change);
    },
    reload: () => {
      world.reloads++;
      world.change = null;
      return new Promise((resolve) => finishReload = resolve);
    },
    onReload: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clock,
    signal: stop.signal,
  });
  return {
    world,
    clock,
    listeners,
    advance: async (ms: number) => {
      clock.advance(ms);
      await settle();
    },
    ask: async () => {
      for (const listener of listeners) listener();
      await settle();
    },
    finishReload: async () => {
      finishReload?.();
      await settle();
    },
    end: async () => {
      stop.abort();
      finishReload?.();
      await ended;
      assert.equal(clock.pending(), 0);
      assert.equal(listeners.size, 0);
    },
  };
}

/** Lets all promises that can go on go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

Deno.test("watchConfiguration() checks twice a second, and does not reload what is unchanged", async () => {
  const { world, advance, end } = startWatch();
  for (let check = 0; check < 10; check++) await advance(500);
  assert.deepEqual([world.checks, world.reloads], [10, 0]);
  await end();
});

Deno.test("watchConfiguration() reloads once when a change has been still for a second", async () => {
  const { world, advance, finishReload, end } = startWatch();
  world.change = "a";
  await advance(500);
  await advance(999);
  assert.equal(world.reloads, 0);
  await advance(1);
  assert.equal(world.reloads, 1);
  await finishReload();
  for (let second = 0; second < 3; second++) await advance(1_000);
  assert.equal(world.reloads, 1);
  await end();
});

Deno.test("watchConfiguration() does not reload while a file is being written", async () => {
  const { world, advance, end } = startWatch();
  world.change = "0 bytes";
  await advance(500);
  for (let kib = 1; kib <= 20; kib++) {
    world.change = `${kib} KiB`;
    await advance(1_000);
  }
  assert.equal(world.reloads, 0);
  await advance(1_000);
  assert.equal(world.reloads, 1);
  await end();
});

Deno.test("watchConfiguration() does not reload a change that is undone", async () => {
  const { world, advance, end } = startWatch();
  world.change = "a";
  await advance(500);
  world.change = null;
  for (let second = 0; second < 3; second++) await advance(1_000);
  assert.equal(world.reloads, 0);
  await end();
});

Deno.test("watchConfiguration() reloads at once when asked while a change settles", async () => {
  const { world, advance, ask, finishReload, end } = startWatch();
  world.change = "a";
  await advance(500);
  await ask();
  assert.equal(world.reloads, 1);
  await finishReload();
  await advance(2_000);
  assert.equal(world.reloads, 1);
  await end();
});

Deno.test("watchConfiguration() reloads at once when asked, whether files changed or not", async () => {
  const { world, ask, end } = startWatch();
  await ask();
  assert.deepEqual([world.checks, world.reloads], [0, 1]);
  await end();
});

Deno.test("watchConfiguration() reloads once more when asked during a reload, not at once", async () => {
  const { world, ask, advance, finishReload, end } = startWatch();
  await ask();
  await ask();
  await ask();
  await advance(10_000);
  assert.equal(world.reloads, 1);
  await finishReload();
  assert.equal(world.reloads, 2);
  await finishReload();
  assert.equal(world.reloads, 2);
  await end();
});

Deno.test("watchConfiguration() ends between two checks, while it settles, and in a reload", async () => {
  const calm = startWatch();
  await calm.end();
  assert.equal(calm.world.reloads, 0);

  const settling = startWatch();
  settling.world.change = "a";
  await settling.advance(500);
  await settling.end();
  assert.equal(settling.world.reloads, 0);

  const reloading = startWatch();
  await reloading.ask();
  await reloading.end();
  assert.equal(reloading.world.reloads, 1);
});
