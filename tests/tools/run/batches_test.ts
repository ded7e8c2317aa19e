import assert from "node:assert/strict";
import { parseBatchSizes, splitIntoBatches } from "../../../lib/tools/run/batches.ts";

function sizesOf(text: string, count: number): readonly number[] {
  const sizes = parseBatchSizes(text);
  assert.ok(sizes !== null, text);
  const items = Array.from({ length: count }, (_, at) => at);
  const batches = splitIntoBatches(items, sizes);
  assert.deepEqual(batches.flat(), items);
  return batches.map(({ length }) => length);
}

for (
  const [text, count, expected] of [
    ["1,10%,100%", 24, [1, 2, 21]],
    ["1,10%,100%", 1, [1]],
    ["10%", 5, [1, 1, 1, 1, 1]],
    ["50%", 5, [2, 2, 1]],
    ["100%", 5, [5]],
    ["3", 7, [3, 3, 1]],
    [" 1 , 2 ", 6, [1, 2, 2, 1]],
    ["1,99999", 3, [1, 2]],
  ] as const
) {
  Deno.test(`splitIntoBatches() makes batches of ${expected} from ${count} for "${text}"`, () => {
    assert.deepEqual(sizesOf(text, count), expected);
  });
}

for (
  const text of ["", "0", "0%", "101%", "1,", ",1", "-1", "1.5", "10 %%", "all", "1;2", "123456"]
) {
  Deno.test(`parseBatchSizes() reads no sizes in "${text}"`, () => {
    assert.equal(parseBatchSizes(text), null);
  });
}

Deno.test("parseBatchSizes() reads no more than 20 sizes", () => {
  assert.equal(parseBatchSizes(Array(20).fill("1").join())?.length, 20);
  assert.equal(parseBatchSizes(Array(21).fill("1").join()), null);
});
