import assert from "node:assert/strict";
import { createGuesses } from "../../../lib/http/visitors/guesses.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";

/** Guesses from addresses; what is held is counted. */
function setUp() {
  const clock = createFakeClock();
  const guesses = createGuesses(clock);
  const state = { answered: 0, held: 0 };
  const guess = (hostname = "203.0.113.9", headers: Record<string, string> = {}) => {
    const gone = Promise.withResolvers<void>();
    const remoteAddr: Deno.NetAddr = { transport: "tcp", hostname, port: 1 };
    const request = new Request("http://hub/mcp", { headers });
    const held = guesses.hold(request, { completed: gone.promise, remoteAddr });
    if (held === null) state.answered++;
    else {
      state.held++;
      held.then(() => {
        state.held--;
        state.answered++;
      });
    }
    return gone;
  };
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { clock, guesses, state, guess, settle };
}

Deno.test("createGuesses() holds back the eleventh wrong token of an address, for two seconds", async () => {
  const { clock, state, guess, settle } = setUp();
  for (let count = 0; count < 10; count++) guess();
  assert.deepEqual(state, { answered: 10, held: 0 });
  guess();
  clock.advance(1_999);
  await settle();
  assert.deepEqual(state, { answered: 10, held: 1 });
  clock.advance(1);
  await settle();
  assert.deepEqual(state, { answered: 11, held: 0 });
});

Deno.test("createGuesses() does not hold back the next address, nor the same one after a while", () => {
  const { clock, state, guess, guesses } = setUp();
  for (let count = 0; count < 11; count++) guess();
  guess("203.0.113.10");
  assert.deepEqual(state, { answered: 11, held: 1 });
  clock.advance(30_000);
  guess();
  assert.equal(state.answered, 12);
  guesses[Symbol.dispose]();
});

Deno.test("createGuesses() holds back what comes from many addresses", () => {
  const { state, guess, guesses } = setUp();
  for (let count = 0; count < 200; count++) guess(`203.0.113.${count}`);
  assert.deepEqual(state, { answered: 100, held: 100 });
  guesses[Symbol.dispose]();
});

Deno.test("createGuesses() knows those behind a proxy on this machine apart", () => {
  const { state, guess, guesses } = setUp();
  for (let count = 0; count < 11; count++) guess("127.0.0.1", { "x-forwarded-for": "203.0.113.9" });
  guess("127.0.0.1", { "x-forwarded-for": "203.0.113.9, 203.0.113.10" });
  assert.deepEqual(state, { answered: 11, held: 1 });
  guesses[Symbol.dispose]();
});

Deno.test("createGuesses() holds at most 1,024, and none whose client has left", async () => {
  const { state, guess, guesses, settle } = setUp();
  const all = Array.from({ length: 2_000 }, () => guess());
  assert.deepEqual(state, { answered: 976, held: 1_024 });
  all[20]?.resolve();
  all[21]?.reject(new Error("the client has left"));
  await settle();
  assert.equal(state.held, 1_022);
  guess();
  assert.equal(state.held, 1_023);
  guesses[Symbol.dispose]();
  await settle();
  assert.equal(state.held, 0);
  guess();
  assert.equal(state.held, 0, "the program stops");
});
