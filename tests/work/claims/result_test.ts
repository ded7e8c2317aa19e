import assert from "node:assert/strict";
import { MAX_RESULT_BYTES, writeResult } from "../../../lib/work/claims/result.ts";

Deno.test("writeResult() keeps an answer of usual length as it is", () => {
  const result = { content: [{ type: "text", text: "€" }], isError: true };
  assert.deepEqual(JSON.parse(writeResult(result)), result);
});

Deno.test("writeResult() cuts the texts of an answer that is too long, and says so", () => {
  const long = `begin${"x".repeat(MAX_RESULT_BYTES)}end`;
  const text = writeResult({
    content: [{ type: "text", text: long }],
    structuredContent: { stdout: long, exit_code: 3, truncated: false },
  });
  assert.ok(text.length < MAX_RESULT_BYTES);
  const { content: [block], structuredContent } = JSON.parse(text);
  assert.match(block.text, /^beginx+\n\[\d+ characters were too many to be kept.*\]\nx+end$/);
  assert.equal(structuredContent.exit_code, 3);
  assert.equal(structuredContent.truncated, true);
});

Deno.test("writeResult() says of an answer with too many texts that it is not there", () => {
  const content = Array.from({ length: 100_000 }, () => ({ type: "text", text: "x".repeat(50) }));
  assert.deepEqual(JSON.parse(writeResult({ content, isError: true })), {
    content: [{ type: "text", text: "[it ran, but its answer was too long to be kept]" }],
    isError: true,
  });
});
