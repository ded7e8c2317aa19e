import assert from "node:assert/strict";
import { type Listener, OpenPort } from "../../lib/http/port.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";

const ADDRESS: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 4_000 };
const EMFILE = new Error("Too many open files (os error 24)");

interface FakeListener extends Listener {
  readonly port: number;
  readonly fail: (error: unknown) => void;
  readonly isShutDown: () => boolean;
}

/** Listeners that do what the test says. */
function setUp() {
  const clock = createFakeClock();
  const listeners: FakeListener[] = [];
  const lines: string[] = [];
  const state = { free: 1_000, refuses: false };

  function listen(port: number): FakeListener {
    if (state.refuses) throw EMFILE;
    const { promise: finished, resolve, reject } = Promise.withResolvers<void>();
    let isShutDown = false;
    const listener = {
      addr: ADDRESS,
      port,
      finished,
      shutdown: () => {
        isShutDown = true;
        resolve();
        return finished;
      },
      fail: reject,
      isShutDown: () => isShutDown,
    };
    listeners.push(listener);
    return listener;
  }

  const log = {
    warn: (message: string) => lines.push(`warn: ${message}`),
    error: (message: string) => lines.push(`error: ${message}`),
  };
  const countFree = (most: number) => Math.min(most, state.free);
  const port = new OpenPort({ listen, port: 0, log, clock, countFree });
  return { clock, listeners, lines, state, port };
}

/** Lets a listener fail, and what follows from that happen. */
async function fail(listener: FakeListener | undefined): Promise<void> {
  listener?.fail(EMFILE);
  await Promise.resolve();
  await Promise.resolve();
}

Deno.test("OpenPort listens again on the same port when its listener fails", async () => {
  const { clock, listeners, lines, port } = setUp();
  clock.advance(60_000);
  await fail(listeners[0]);
  assert.equal(listeners[0]?.isShutDown(), true);
  clock.advance(10);
  assert.deepEqual(listeners.map(({ port }) => port), [0, 4_000]);
  assert.deepEqual(lines, ["error: accepting connections failed: listening again"]);
  await port.close(1_000);
  assert.equal(listeners[1]?.isShutDown(), true);
  assert.equal(clock.pending(), 0);
});

Deno.test("OpenPort tries until it can listen, and four times a second at least", async () => {
  const { clock, listeners, state, port } = setUp();
  state.refuses = true;
  await fail(listeners[0]);
  clock.advance(60_000);
  assert.equal(listeners.length, 1);
  state.refuses = false;
  clock.advance(250);
  assert.equal(listeners.length, 2);
  await port.close(1_000);
});

Deno.test("OpenPort slows down where its listeners fail one after the other", async () => {
  const { clock, listeners, lines, port } = setUp();
  for (let failures = 0; failures < 20; failures++) {
    await fail(listeners.at(-1));
    clock.advance(250);
  }
  assert.equal(listeners.length, 21);
  await fail(listeners.at(-1));
  clock.advance(249);
  assert.equal(listeners.length, 21);
  clock.advance(1);
  assert.equal(listeners.length, 22);
  assert.equal(lines.length, 1);
  await port.close(1_000);
});

Deno.test("OpenPort closes idle connections when few descriptors are left", async () => {
  const { clock, listeners, lines, state, port } = setUp();
  clock.advance(4_000);
  assert.equal(listeners.length, 1);
  state.free = 63;
  clock.advance(2_000 + 5);
  assert.equal(listeners[0]?.isShutDown(), true);
  assert.equal(listeners.length, 2);
  state.free = 64;
  clock.advance(10_000);
  assert.equal(listeners.length, 2);
  assert.deepEqual(lines, ["warn: few descriptors are left: idle connections are closed"]);
  await port.close(1_000);
});

Deno.test("OpenPort opens nothing more once it is closed", async () => {
  for (const isRetrying of [true, false]) {
    const { clock, listeners, state, port } = setUp();
    state.refuses = isRetrying;
    await fail(listeners[0]);
    clock.advance(isRetrying ? 100 : 0);
    await port.close(1_000);
    state.refuses = false;
    clock.advance(60_000);
    assert.equal(listeners.length, 1);
    assert.equal(clock.pending(), 0);
  }
});
