import assert from "node:assert/strict";
import { systemClock } from "../../../lib/base/time/clock.ts";
import { within } from "../../../lib/base/time/within.ts";

/** Keeps the event loop from having a turn. */
function stall(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** A connection on which an answer arrives while the event loop is stalled beyond a deadline. */
async function answerInStall(deadlineMs: number, onDeadline: (read: Promise<unknown>) => void) {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using near = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  using far = await listener.accept();
  const read = near.read(new Uint8Array(10));
  onDeadline(read);
  const written = far.write(new Uint8Array(10));
  stall(deadlineMs + 100);
  await Promise.all([read, written]);
}

Deno.test("after() lets an answer be read that arrived in time, when it is called late itself", async () => {
  const order: string[] = [];
  const over = Promise.withResolvers<void>();
  await answerInStall(20, (read) => {
    read.then(() => order.push("answer"));
    systemClock.after(20, () => {
      order.push("deadline");
      over.resolve();
    });
  });
  await over.promise;
  assert.deepEqual(order, ["answer", "deadline"]);
});

Deno.test("within() returns what arrived in time, though the event loop was stalled", async () => {
  let result: Promise<unknown> = Promise.resolve();
  await answerInStall(20, (read) => result = within(read, 20));
  assert.equal(await result, 10);
});

Deno.test("after() can be cancelled in the turn that it waits, too", async () => {
  const cancel = systemClock.after(10, () => assert.fail("it was called"));
  // Due at the same time, and behind it.
  setTimeout(cancel, 10);
  stall(100);
  await new Promise((resolve) => setTimeout(resolve, 5));
});
