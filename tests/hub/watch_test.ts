import assert from "node:assert/strict";
import { watchConfiguration } from "../../lib/hub/watch.ts";
import { createFakeClock } from "../base/fake_clock.ts";

/** A watch whose files, requests and clock are in the test's hands. */
function startWatch() {
  const clock = createFakeClock();
  const stop = new AbortController();
  const listeners = new Set<() => void>();
  const world = { changed: false, looks: 0, reloads: 0 };
  let finishReload: (() => void) | null = null;
  const ended = watchConfiguration({
    haveFilesChanged: () => {
      world.looks++;
      return Promise.resolve(world.changed);
    },
    reload: () => {
      world.reloads++;
      world.changed = false;
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

Deno.test("watchConfiguration() looks once a second and leaves well alone", async () => {
  const { world, advance, end } = startWatch();
  for (let second = 0; second < 5; second++) await advance(1_000);
  assert.deepEqual([world.looks, world.reloads], [5, 0]);
  await end();
});

Deno.test("watchConfiguration() lets a change settle, then reloads once", async () => {
  const { world, advance, finishReload, end } = startWatch();
  world.changed = true;
  await advance(1_000);
  assert.equal(world.reloads, 0);
  await advance(200);
  assert.equal(world.reloads, 1);
  await finishReload();
  for (let second = 0; second < 3; second++) await advance(1_000);
  assert.equal(world.reloads, 1);
  await end();
});

Deno.test("watchConfiguration() reloads at once when asked, whether files changed or not", async () => {
  const { world, ask, end } = startWatch();
  await ask();
  assert.deepEqual([world.looks, world.reloads], [0, 1]);
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

Deno.test("watchConfiguration() ends between two looks, while it settles, and in a reload", async () => {
  const calm = startWatch();
  await calm.end();
  assert.equal(calm.world.reloads, 0);

  const settling = startWatch();
  settling.world.changed = true;
  await settling.advance(1_000);
  await settling.end();
  assert.equal(settling.world.reloads, 0);

  const reloading = startWatch();
  await reloading.ask();
  await reloading.end();
  assert.equal(reloading.world.reloads, 1);
});
