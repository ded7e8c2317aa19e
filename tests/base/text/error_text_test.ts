import assert from "node:assert/strict";
import { formatError } from "../../../lib/base/text/error_text.ts";

Deno.test("formatError() writes the causes on the same line", () => {
  const cause = new TypeError("b", { cause: "c" });
  assert.equal(
    formatError(new Error("a", { cause })),
    "Error: a: caused by TypeError: b: caused by c",
  );
});

Deno.test("formatError() writes what an AggregateError holds", () => {
  const error = new AggregateError([new Error("a"), new Error("b")], "both");
  assert.equal(formatError(error), "AggregateError: both: Error: a; Error: b");
});

Deno.test("formatError() leaves out an empty message", () => {
  assert.equal(formatError(new RangeError()), "RangeError");
});

Deno.test("formatError() takes what is thrown without being an error", () => {
  assert.equal(formatError("text"), "text");
  assert.equal(formatError(null), "null");
  assert.equal(formatError(undefined), "undefined");
});

Deno.test("formatError() ends on a cycle", () => {
  const error = new AggregateError([], "a");
  error.cause = error;
  assert.equal(formatError(error).split("caused by").length, 5);
  error.errors.push(error);
  assert.ok(formatError(error).length < 10_000);
});
