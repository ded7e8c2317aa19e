import assert from "node:assert/strict";
import { Secret } from "../../lib/base/secret.ts";
import { createRedact } from "../../lib/base/text/redact.ts";
import type { CallToolResult, Tool } from "../../lib/mcp/tool.ts";
import { hideSecrets } from "../../lib/tools/hide_secrets.ts";
import { callContext } from "../mcp/call_context.ts";
import { createTools } from "./tool_calls.ts";

const TOKEN = "agent-token-0123456789";
const redact = createRedact([new Secret(TOKEN)]);
const TEXT = `a ${TOKEN} b`;
const RESULT: CallToolResult = {
  content: [{ type: "text", text: TEXT }],
  structuredContent: { [TOKEN]: [TEXT, { deep: TEXT }], count: 3, none: null },
};

/** What a caller of a tool gets that answers, and reports, the token. */
async function ask(principal: string, answer = RESULT) {
  const progress: string[] = [];
  const [first] = createTools();
  assert.ok(first);
  const telling: Tool = {
    ...first,
    call: (_args, { reportProgress }) => {
      reportProgress?.(TEXT);
      return Promise.resolve(answer);
    },
  };
  const reportProgress = (line: string) => progress.push(line);
  const result = await hideSecrets(telling, redact)
    .call({}, callContext({ principal, reportProgress }));
  return { result, progress };
}

Deno.test("hideSecrets() shows a named client no token, wherever it stands", async () => {
  const { result, progress } = await ask("ann");
  assert.deepEqual(result, {
    content: [{ type: "text", text: "a [secret] b" }],
    structuredContent: {
      "[secret]": ["a [secret] b", { deep: "a [secret] b" }],
      count: 3,
      none: null,
    },
  });
  assert.deepEqual(progress, ["a [secret] b"]);
});

Deno.test("hideSecrets() shows a named client no token in long texts", async () => {
  const text = `${"x".repeat(300_000)}${TOKEN}${"y".repeat(300_000)}`;
  const plain = "z".repeat(300_000);
  const content = [{ type: "text" as const, text }, { type: "text" as const, text: plain }];
  const { result } = await ask("ann", {
    content,
    structuredContent: { [text]: [{ text }], plain },
  });
  const redacted = text.replace(TOKEN, "[secret]");
  assert.deepEqual(result, {
    content: [{ type: "text", text: redacted }, { type: "text", text: plain }],
    structuredContent: { [redacted]: [{ text: redacted }], plain },
  });
});

Deno.test("hideSecrets() shows an operator what is there", async () => {
  const { result, progress } = await ask("default");
  assert.equal(result, RESULT);
  assert.deepEqual(progress, [TEXT]);
});
