import assert from "node:assert/strict";
import { readReply } from "../../../lib/fleet/backend/reply.ts";

const content = [{ type: "text", text: "so far" }];

for (
  const [what, result, failure] of [
    ["a final result", { content, resultType: "complete" }, null],
    [
      "one that asks for input first",
      { content, resultType: "input_required" },
      "the backend asks for input before it goes on, which lmcp-hub does not support",
    ],
    [
      "a task",
      { content, task: { taskId: "1", status: "working" } },
      "the backend answers with a task that may still be running, which lmcp-hub does not support",
    ],
    ["an error", { content, isError: true }, "so far"],
  ] as const
) {
  Deno.test(`readReply() of ${what}`, () => {
    assert.equal(readReply({ ...result, content: [...content] }).failure, failure);
  });
}
