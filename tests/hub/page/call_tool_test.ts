import assert from "node:assert/strict";
import { createCallTool } from "../../../lib/hub/page/actions/call_tool.ts";
import { answerResult } from "../../../lib/mcp/answer.ts";

const SECRET = "token-canary";

/** Calls a tool of a server that answers so. */
async function callWith(message: unknown) {
  let isReleased = false;
  const callTool = createCallTool({
    server: {
      handle: () =>
        Promise.resolve({
          ...answerResult(1, "{}"),
          text: JSON.stringify(message),
          release: () => {
            isReleased = true;
          },
        }),
    },
    state: () => ({ redact: (text) => text.replaceAll(SECRET, "[secret]") }),
  });
  const { signal } = new AbortController();
  const answer = await callTool({ principal: "default", tool: "remote_jobs", args: {}, signal });
  assert.equal(isReleased, true);
  return answer;
}

const failed = (text: string) => ({ result: { isError: true, content: [{ type: "text", text }] } });

Deno.test("why a tool has failed is shown without secrets, to operators too", async () => {
  assert.deepEqual(await callWith(failed(`Error: bad ${SECRET}\u202e`)), {
    kind: "problem",
    problem: "bad [secret]",
  });
  // Not half of one, where a long text is cut.
  const long = await callWith(failed("x".repeat(495) + SECRET));
  assert.doesNotMatch(JSON.stringify(long), /tok/);
});

Deno.test("why a call was refused is shown without secrets", async () => {
  assert.deepEqual(await callWith({ error: { code: -32602, message: `no ${SECRET}` } }), {
    kind: "problem",
    problem: "no [secret]",
  });
});
