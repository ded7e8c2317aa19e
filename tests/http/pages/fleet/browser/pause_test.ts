import assert from "node:assert/strict";
import { pause } from "../../../../../lib/http/pages/fleet/browser/pause.js";

/** A signal that counts its listeners. */
function countedSignal() {
  const ending = new AbortController();
  const { signal } = ending;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  return { signal, abort: () => ending.abort(), listeners: () => listeners };
}

Deno.test("pause() leaves no listener on its signal, however it ends", async () => {
  const { signal, abort, listeners } = countedSignal();
  for (let count = 0; count < 3; count++) await pause(1, signal);
  assert.equal(listeners(), 0);
  const pausing = pause(60_000, signal);
  assert.equal(listeners(), 1);
  abort();
  await pausing;
  assert.equal(listeners(), 0);
});

Deno.test("pause() does not begin where its signal is aborted", async () => {
  await pause(60_000, AbortSignal.abort());
});
