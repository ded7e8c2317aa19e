import { concat } from "../../../base/bytes.ts";
import type { Answer } from "../../../mcp/answer.ts";
import { isJsonObject, type JsonObject } from "../../../mcp/message.ts";
import type { McpServer } from "../../../mcp/server.ts";
import type { ToolName } from "../../../fleet/rules.ts";
import type { HubState } from "../../state.ts";
import { PAGE_CLIENT } from "../client.ts";
import { shownText } from "../sources.ts";

/** Characters of why a tool has failed. */
const MAX_PROBLEM = 500;

/** A call of one of the hub's tools, for a principal. */
export interface ToolCall {
  readonly principal: string;
  readonly tool: ToolName;
  readonly args: JsonObject;
  readonly signal: AbortSignal;
}

/** What a tool has answered, or why it has not done what it was to do. */
export type ToolAnswer =
  | { readonly kind: "ok"; readonly structured: JsonObject }
  | { readonly kind: "problem"; readonly problem: string };

/** Calls a tool as any client does, so that it has the rights, quotas and audit of one. */
export type CallTool = (call: ToolCall) => Promise<ToolAnswer>;

/** Makes a `CallTool` over a server in this process. */
export function createCallTool(
  { server: { handle }, state }: {
    readonly server: Pick<McpServer, "handle">;
    readonly state: () => Pick<HubState, "redact">;
  },
): CallTool {
  // A tool hides secrets from clients alone, and the page from everybody.
  const problem = (text: string): ToolAnswer => ({
    kind: "problem",
    problem: shownText(text.replace(/^Error: /, ""), state(), MAX_PROBLEM),
  });

  return async function callTool({ principal, tool, args, signal }) {
    const params = { name: tool, arguments: args };
    const answer = await handle(
      JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
      {
        principal,
        client: PAGE_CLIENT,
        results: "structured",
        channel: { kind: "pipe", id: crypto.randomUUID() },
        gone: signal,
        notify: () => {},
      },
    );
    if (answer === null) return problem("it was cancelled");
    try {
      return readAnswer(answer, problem);
    } finally {
      answer.release();
      answer.leave();
    }
  };
}

/** It comes from this program: bounds for the messages of others do not apply. */
function readAnswer({ text, rest }: Answer, problem: (text: string) => ToolAnswer): ToolAnswer {
  const size = rest.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const message: unknown = JSON.parse(text + new TextDecoder().decode(concat(rest, size)));
  const { result, error } = isJsonObject(message) ? message : {};
  if (!isJsonObject(result)) return problem(textIn(isJsonObject(error) ? error.message : null));
  const { content, isError, structuredContent } = result;
  if (isError === true) return problem(firstText(content));
  return { kind: "ok", structured: isJsonObject(structuredContent) ? structuredContent : {} };
}

function firstText(content: unknown): string {
  const first: unknown = Array.isArray(content) ? content[0] : null;
  return textIn(isJsonObject(first) ? first.text : null);
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : "it has failed";
}
