import assert from "node:assert/strict";
import { createCrowd } from "../../../lib/http/visitors/crowd.ts";

/** Lets guests in, each named by the place it comes from; returns who must go, and who has left. */
function setUp(max: number) {
  const admit = createCrowd(max);
  const shed: string[] = [];
  const come = (name: string) => {
    const guest = admit(name.slice(0, 1));
    guest.signal.addEventListener("abort", () => shed.push(name));
    return guest;
  };
  return { shed, come };
}

Deno.test("createCrowd() sheds the first of the place with the most", () => {
  const { shed, come } = setUp(4);
  for (const name of ["a1", "b1", "b2", "c1"]) come(name);
  assert.deepEqual(shed, []);
  come("a2");
  assert.deepEqual(shed, ["b1"]);
  come("d1");
  assert.deepEqual(shed, ["b1", "a1"]);
});

Deno.test("createCrowd() sheds the first of all where none has more than others", () => {
  const { shed, come } = setUp(2);
  for (const name of ["a1", "b1", "c1", "d1"]) come(name);
  assert.deepEqual(shed, ["a1", "b1"]);
});

Deno.test("createCrowd() sheds nobody while others leave, once or twice", () => {
  const { shed, come } = setUp(2);
  come("a1");
  for (let count = 0; count < 100; count++) {
    using guest = come("b1");
    guest[Symbol.dispose]();
  }
  assert.deepEqual(shed, []);
  come("b2");
  come("b3");
  assert.deepEqual(shed, ["a1"]);
});
