import assert from "node:assert/strict";
import { within } from "../../../lib/base/time/within.ts";

Deno.test("within() returns the value of a promise that is in time", async () => {
  assert.equal(await within(Promise.resolve(1), 1000, new AbortController().signal), 1);
});

Deno.test("within() passes a rejection on", async () => {
  await assert.rejects(within(Promise.reject(new RangeError("no")), 1000), RangeError);
});

Deno.test("within() gives up at the deadline", async () => {
  assert.equal(await within(new Promise(() => {}), 5), "timeout");
});

Deno.test("within() gives up when the signal is aborted", async () => {
  const controller = new AbortController();
  const waiting = within(new Promise(() => {}), 60_000, controller.signal);
  controller.abort();
  assert.equal(await waiting, "cancelled");
});

Deno.test("within() gives up at once on a signal aborted before", async () => {
  assert.equal(await within(new Promise(() => {}), 60_000, AbortSignal.abort()), "cancelled");
});

Deno.test("within() prefers a value that is there already", async () => {
  assert.equal(await within(Promise.resolve("there"), 0, AbortSignal.abort()), "there");
});
