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

/** What `remote_read_file` answers of some bytes in base64. */
function inBase64(bytes: Uint8Array): CallToolResult {
  const text = bytes.toBase64();
  return {
    content: [{ type: "text", text }],
    structuredContent: { text, outcome: "ok", error: null, details: { encoding: "base64" } },
  };
}

for (const shift of [0, 1, 2]) {
  for (
    const [how, token] of [["as text", TOKEN], ["in UTF-16", [...TOKEN].join("\0")]] as const
  ) {
    Deno.test(`hideSecrets() shows no base64 that holds a token ${how} after ${shift} bytes`, async () => {
      const bytes = new TextEncoder().encode(`${"\xff".repeat(shift)}${token}\0`);
      const { result } = await ask("ann", inBase64(bytes));
      assert.equal(result.isError, true);
      assert.match(JSON.stringify(result.content), /it holds a secret of the hub/);
      assert.deepEqual(
        [result.structuredContent?.text, result.structuredContent?.outcome],
        [null, "failed"],
      );
      assert.equal(JSON.stringify(result).includes(bytes.toBase64().slice(4, 12)), false);
    });
  }
}

Deno.test("hideSecrets() shows base64 without a token, and what only calls itself base64", async () => {
  const plain = inBase64(new TextEncoder().encode("no token"));
  assert.deepEqual((await ask("ann", plain)).result, plain);
  const { result } = await ask("ann", {
    content: [{ type: "text", text: TEXT }],
    structuredContent: { text: TEXT, details: { encoding: "base64" } },
  });
  assert.deepEqual(result.structuredContent?.text, "a [secret] b");
});
