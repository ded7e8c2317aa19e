import assert from "node:assert/strict";
import { findTrustFault } from "../../../lib/base/files/trust.ts";

const faults: readonly (readonly [number | null, number | null, number | null, string | null])[] = [
  [0o100600, 1000, 1000, null],
  [0o100644, 0, 1000, null],
  [0o100755, 0, 0, null],
  [0o100640, null, 1000, null],
  [null, null, null, null],
  [0o100664, 1000, 1000, "can be changed by its group (mode 0664): chmod go-w /f"],
  [0o100620, 0, 1000, "can be changed by its group (mode 0620): chmod go-w /f"],
  [0o100666, 0, 0, "can be changed by all users (mode 0666): chmod go-w /f"],
  [0o100602, null, null, "can be changed by all users (mode 0602): chmod go-w /f"],
  [
    0o100600,
    1001,
    1000,
    "belongs to another user (1001): give it to root or to user 1000, as whom this runs, with chown",
  ],
  [0o100600, 1001, 0, "belongs to another user (1001): give it to root, with chown"],
];

for (const [mode, owner, self, fault] of faults) {
  const facts = `mode ${mode?.toString(8)}, owner ${owner}, as user ${self}`;
  Deno.test(`findTrustFault() ${fault === null ? "accepts" : "refuses"} ${facts}`, () => {
    assert.equal(findTrustFault("/f", { mode, owner }, self), fault);
  });
}
