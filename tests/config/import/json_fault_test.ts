import assert from "node:assert/strict";
import { findJsonFaultLine } from "../../../lib/config/import/json_fault.ts";

Deno.test("findJsonFaultLine() finds the line where a text ceases to be JSON", () => {
  const rows = [
    ['{\n"a": 1,\n}', 3],
    ['{\n"a": 1\n"b": 2}', 3],
    ["[\n1,\n2", 3],
    ["{\n'a': 1}", 2],
    ['{"a":\n"x\ny"}', 2],
    ['{"a": "\\"\\\\"\n, 1: 2}', 2],
    ["\n\nERROR! no inventory", 3],
    ["{}\n{}", 2],
    ['{"a":\n01}', 2],
    ['{"a":\ntru}', 2],
    ['{"a"\n}', 2],
    ["[1\n}", 2],
  ] as const;
  for (const [text, line] of rows) {
    assert.throws(() => JSON.parse(text), SyntaxError);
    assert.equal(findJsonFaultLine(text), line, text);
  }
});

Deno.test("findJsonFaultLine() finds no fault in JSON, and one in each beginning of it", () => {
  const text = JSON.stringify(
    { a: [1, -2.5e-7, true, null, []], 'b"\\': { c: "\u2028", d: {} } },
    null,
    2,
  );
  assert.equal(findJsonFaultLine(text), null);
  for (let end = 0; end < text.length; end++) {
    const line = findJsonFaultLine(text.slice(0, end));
    assert.ok(line !== null && line <= text.slice(0, end).split("\n").length, `${end}`);
  }
});
