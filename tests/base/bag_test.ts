import assert from "node:assert/strict";
import { Bag } from "../../lib/base/bag.ts";

Deno.test("a bag holds what was put in and not taken out, each thing as often as it was put in", () => {
  const bag = new Bag<string>();
  const removes = ["a", "b", "c", "b", "d"].map((value) => bag.add(value));
  removes[1]?.();
  removes[4]?.();
  assert.deepEqual(bag.values().sort(), ["a", "b", "c"]);
  removes[0]?.();
  removes[2]?.();
  removes[3]?.();
  assert.equal(bag.size, 0);
});

Deno.test("a thing that is taken out twice takes no other with it", () => {
  const bag = new Bag<string>();
  const removeFirst = bag.add("first");
  bag.add("second");
  bag.add("third");
  removeFirst();
  removeFirst();
  assert.deepEqual(bag.values().sort(), ["second", "third"]);
});

Deno.test("find() leaves what it finds, take() takes it out", () => {
  const bag = new Bag<number>();
  [1, 2, 3, 4].forEach((value) => bag.add(value));
  const isEven = (value: number) => value % 2 === 0;
  assert.equal(bag.find(isEven), 2);
  assert.equal(bag.size, 4);
  assert.deepEqual([bag.take(isEven), bag.take(isEven)].sort(), [2, 4]);
  assert.equal(bag.take(isEven), undefined);
  assert.deepEqual(bag.values().sort(), [1, 3]);
});
