import { foreignText } from "../../base/text/foreign_text.ts";
import { isJsonObject, type JsonObject } from "../../mcp/message.ts";
import type { WireFailure } from "../outcome.ts";
import { isToolName } from "../rules.ts";
import type { Conversation } from "./conversation.ts";
import type { BackendRequest } from "./requester.ts";

/** Pages that are read of one list. */
const MAX_PAGES = 20;
/** Tools that are read of one backend. */
const MAX_TOOLS = 500;
const MAX_DESCRIPTION = 1_000;

/** A tool that a backend says it has. Its words are the backend's: show them, and trust none. */
export interface BackendTool {
  readonly name: string;
  /** One line; empty: there is none. */
  readonly description: string;
  /** JSON Schema of the arguments, as the backend has it; null: there is none. */
  readonly inputSchema: JsonObject | null;
}

/** What a backend answers when it is asked for its tools. */
export type ToolList =
  | {
    readonly kind: "listed";
    readonly tools: readonly BackendTool[];
    /** How many more there are that cannot be used: without a proper name, or too many. */
    readonly unusable: number;
  }
  | { readonly kind: "failed"; readonly failure: WireFailure };

/** Asks a backend for all its tools, page by page. Never rejects. */
export async function listTools(
  backend: Conversation,
  request: Omit<BackendRequest, "method" | "params" | "onProgress">,
): Promise<ToolList> {
  const usable: BackendTool[] = [];
  let count = 0;
  let params: JsonObject = {};
  for (let page = 0; page < MAX_PAGES; page++) {
    const result = await backend.sendRead({
      ...request,
      method: "tools/list",
      params,
      onProgress: null,
    });
    if (result.kind === "failed") return result;
    const { tools, nextCursor } = result.result;
    if (!Array.isArray(tools)) return unreadable("the list of tools is no list");
    for (const listed of tools) {
      count++;
      const tool = usable.length < MAX_TOOLS ? readTool(listed) : null;
      if (tool !== null) usable.push(tool);
    }
    if (typeof nextCursor !== "string" || count >= MAX_TOOLS) break;
    params = { cursor: nextCursor };
  }
  return { kind: "listed", tools: usable, unusable: count - usable.length };
}

function readTool(tool: unknown): BackendTool | null {
  if (!isJsonObject(tool)) return null;
  const { name, description, inputSchema } = tool;
  if (typeof name !== "string" || !isToolName(name)) return null;
  return {
    name,
    description: typeof description === "string" ? oneLine(description) : "",
    inputSchema: isJsonObject(inputSchema) ? inputSchema : null,
  };
}

/** Descriptions are often indented like the code that they come from. */
function oneLine(description: string): string {
  return foreignText(description.replaceAll(/\s+/gu, " ").trim(), MAX_DESCRIPTION);
}

function unreadable(message: string): ToolList {
  return { kind: "failed", failure: { kind: "unreadable", message } };
}
