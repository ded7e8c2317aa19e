import assert from "node:assert/strict";
import { PageBytes } from "../../lib/base/page_bytes.ts";
import { runOwnProcess } from "../own_process.ts";

const MIB = 1024 * 1024;

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

Deno.test("PageBytes keeps bytes and texts in order, and views of them while it grows", () => {
  using bytes = new PageBytes(MIB);
  bytes.push(new Uint8Array([0x61, 0x62]));
  const start = bytes.view(0, 2);
  assert.equal(bytes.pushText("\u00fc\u{1f600}"), 6);
  for (let count = 0; count < 10; count++) bytes.pushText("x".repeat(50_000));
  assert.equal(bytes.length, 500_008);
  assert.equal(textOf(start), "ab");
  assert.equal(textOf(bytes.view(0, 10)), "ab\u00fc\u{1f600}xx");
  assert.ok(bytes.view(8).every((byte) => byte === 0x78));
});

Deno.test("PageBytes holds as much as it may, and throws beyond", () => {
  using bytes = new PageBytes(10);
  bytes.push(new Uint8Array(4));
  assert.throws(() => bytes.push(new Uint8Array(7)), RangeError);
  assert.throws(() => bytes.pushText("1234567"), RangeError);
  assert.throws(() => bytes.pushText("12345\u00fc"), RangeError);
  assert.equal(bytes.length, 4);
  assert.equal(bytes.pushText("123456"), 6);
});

Deno.test("PageBytes leaves nothing where it was, once it is disposed of", () => {
  const bytes = new PageBytes(MIB);
  bytes.pushText("secret");
  const view = bytes.view();
  bytes[Symbol.dispose]();
  assert.deepEqual([bytes.length, view.length, bytes.view().length], [0, 0, 0]);
});

Deno.test({
  name: "PageBytes gives its memory back to the system at once",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const returned = Number(await runOwnProcess("base/filled_pages.ts"));
    assert.ok(returned > 250 * MIB, `${returned}`);
  },
});
