import assert from "node:assert/strict";
import { z } from "zod";
import { commandArgument, textArgument, wordArgument } from "../../lib/work/arguments.ts";

for (
  const [what, argument, maxLength] of [
    ["wordArgument()", wordArgument("A path"), 4_096],
    ["commandArgument()", commandArgument("A command"), 524_288],
    ["textArgument()", textArgument("A content"), null],
  ] as const
) {
  Deno.test(`${what} is bounded by ${maxLength ?? "nothing"}, and says so in its schema`, () => {
    const accepts = (length: number) => argument.safeParse("x".repeat(length)).success;
    assert.equal(accepts(maxLength ?? 10_000_000), true);
    assert.equal(accepts((maxLength ?? 10_000_000) + 1), maxLength === null);
    assert.equal(z.toJSONSchema(argument).maxLength ?? null, maxLength);
  });
}

Deno.test("wordArgument() says that a text is too long", () => {
  const { error } = wordArgument("A path").safeParse("x".repeat(5_000));
  assert.deepEqual(error?.issues.map(({ message }) => message), [
    "it has more than 4096 characters",
  ]);
});
