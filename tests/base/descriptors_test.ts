import assert from "node:assert/strict";
import { countFreeDescriptors } from "../../lib/base/descriptors.ts";

/** Something to open `limit` of, and how many are open. */
function setUp(limit: number, error: Error) {
  let open = 0;
  return {
    isOpen: () => open,
    open: () => {
      if (open === limit) throw error;
      open++;
      return { close: () => open-- };
    },
  };
}

const EMFILE = Object.assign(new Error("Too many open files"), { code: "EMFILE" });
const ENFILE = Object.assign(new Error("Too many open files in system"), { code: "ENFILE" });

Deno.test("countFreeDescriptors() opens up to what it is asked for, and closes it again", () => {
  const { open, isOpen } = setUp(10, EMFILE);
  assert.equal(countFreeDescriptors(8, open), 8);
  assert.equal(isOpen(), 0);
});

Deno.test("countFreeDescriptors() returns how many there are, where they are fewer", () => {
  for (const error of [EMFILE, ENFILE]) {
    const { open, isOpen } = setUp(10, error);
    assert.equal(countFreeDescriptors(20, open), 10);
    assert.equal(isOpen(), 0);
  }
});

Deno.test("countFreeDescriptors() counts all as free where nothing can be opened to try", () => {
  assert.equal(countFreeDescriptors(20, setUp(0, new Deno.errors.NotFound("no device")).open), 20);
});

Deno.test("countFreeDescriptors() needs nothing to try on a usual machine", () => {
  assert.equal(countFreeDescriptors(16), 16);
});
