import assert from "node:assert/strict";
import { type SpareOpening, Spares } from "../../../lib/fleet/ssh/spares.ts";
import { sshHost } from "./target.ts";

/** Spares that get ready at once, by a clock that stands still. */
function createPool(most: number) {
  const opened: string[] = [];
  const closed: string[] = [];
  let now = 0;
  let waits: (() => void)[] = [];
  const open = (name: string): SpareOpening => {
    opened.push(name);
    return {
      kind: "open",
      shell: {
        gone: new Promise(() => {}),
        askAgain: () => Promise.resolve("ready"),
        run: () => Promise.reject(new Error("nothing is to run")),
        close: () => {
          closed.push(name);
          return Promise.resolve();
        },
      },
      connection: { directory: "/control", count: 1, config: "" },
    };
  };
  const spares = new Spares({
    most: () => most,
    open: ({ name }) => Promise.resolve(open(name)),
    hasPlace: () => true,
    clock: {
      now: () => now,
      after: (ms, callback) => {
        if (ms < 1_000) waits.push(callback);
        return () => waits = waits.filter((other) => other !== callback);
      },
    },
  });
  /** A call to each has ended, one by one. */
  async function openBehind(...names: string[]): Promise<void> {
    for (const name of names) {
      spares.openBehind(sshHost({ sshHost: name }));
      waits.splice(0).forEach((callback) => callback());
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    }
  }
  return { spares, opened, closed, openBehind, advance: (ms: number) => void (now += ms) };
}

Deno.test("Spares.openBehind() does not open one on each of many hosts, one for another", async () => {
  const { spares, opened, closed, openBehind, advance } = createPool(3);
  await openBehind("a", "b", "c", "d", "e");
  assert.deepEqual([opened, closed, spares.count], [["a", "b", "c"], [], 3]);
  advance(29_999);
  await openBehind("d");
  assert.deepEqual([opened.length, closed], [3, []]);
  advance(1);
  await openBehind("d");
  assert.deepEqual([opened.at(-1), closed, spares.count], ["d", ["a"], 3]);
});

Deno.test("Spares.openBehind() replaces that of its own host at once", async () => {
  const { spares, opened, closed, openBehind } = createPool(2);
  await openBehind("a", "b", "a");
  assert.deepEqual([opened, closed, spares.count], [["a", "b", "a"], ["a"], 2]);
});

Deno.test("Spares.close() ends those that are there, and opens none that are due", async () => {
  const { spares, opened, closed, openBehind } = createPool(2);
  await openBehind("a");
  spares.openBehind(sshHost({ sshHost: "b" }));
  await spares.close();
  await openBehind("c");
  assert.deepEqual([opened, closed, spares.count], [["a"], ["a"], 0]);
});
