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
  const length = MAX_RESULT_BYTES / 50;
  const content = Array.from({ length }, () => ({ type: "text", text: "x".repeat(50) }));
  const text = writeResult({ content, isError: true });
  // Whoever compares all of it needs gigabytes to say what differs.
  assert.ok(text.length < 1_000, `${text.length} characters`);
  assert.deepEqual(JSON.parse(text), {
    content: [{ type: "text", text: "[it ran, but its answer was too long to be kept]" }],
    isError: true,
  });
});
