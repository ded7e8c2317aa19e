import assert from "node:assert/strict";
import { acceptConnections } from "../../lib/approvals/socket/accept.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";

/** Lets all go on that waits for nothing but its turn. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("acceptConnections() goes on after a connection that could not be accepted, and not at once", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/s`;
  const listener = Deno.listen({ transport: "unix", path });
  const clock = createFakeClock();
  const ending = new AbortController();
  let [attempts, accepted] = [0, 0];
  const accepting = acceptConnections({
    accept: () => {
      attempts++;
      const error = Object.assign(new Error("Too many open files"), { code: "EMFILE" });
      return attempts <= 2 ? Promise.reject(error) : listener.accept();
    },
  }, {
    onConnection: (connection) => {
      accepted++;
      connection.close();
    },
    clock,
    signal: ending.signal,
  });
  const client = await Deno.connect({ transport: "unix", path });
  await settle();
  assert.deepEqual([attempts, accepted], [1, 0]);
  clock.advance(1_000);
  await settle();
  assert.deepEqual([attempts, accepted], [2, 0]);
  clock.advance(1_000);
  assert.equal(await client.read(new Uint8Array(1)), null);
  assert.deepEqual([attempts, accepted], [4, 1]);
  ending.abort();
  listener.close();
  await accepting;
  assert.equal(clock.pending(), 0);
  client.close();
  await Deno.remove(directory, { recursive: true });
});

Deno.test("acceptConnections() ends while it rests", async () => {
  const clock = createFakeClock();
  const ending = new AbortController();
  const accepting = acceptConnections({ accept: () => Promise.reject(new Error("no")) }, {
    onConnection: () => {},
    clock,
    signal: ending.signal,
  });
  await settle();
  assert.equal(clock.pending(), 1);
  ending.abort();
  await accepting;
  assert.equal(clock.pending(), 0);
});
