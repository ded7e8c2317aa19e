import { type CacheHint, type Era, type Implementation, legacy, modern } from "./era.ts";
import { SHORT_MESSAGE_BYTES } from "./arguments/message_size.ts";
import type { Tool } from "./tool.ts";

const LIST_TTL_MS = 300_000;

/** One caller's tools, ready to be listed and called. */
export interface ToolTable {
  readonly byName: ReadonlyMap<string, Tool>;
  /** Longest message of any of them. */
  readonly maxMessageBytes: number;
  /** The result of `tools/list` as JSON text, by era. */
  readonly listJson: Readonly<Record<Era["name"], string>>;
}

/**
 * Makes the table of a tool set, and remembers it as long as the set itself lives: the list is
 * serialised once for each array that `tools` returns, not once for each request.
 */
export function createToolTables(server: Implementation): (tools: readonly Tool[]) => ToolTable {
  const tables = new WeakMap<readonly Tool[], ToolTable>();
  return function tableOf(tools) {
    const known = tables.get(tools);
    if (known) return known;
    const table = {
      byName: new Map(tools.map((tool) => [tool.name, tool])),
      maxMessageBytes: Math.max(
        SHORT_MESSAGE_BYTES,
        ...tools.map((tool) => tool.maxMessageBytes),
      ),
      listJson: {
        legacy: listJson(legacy, tools, server),
        modern: listJson(modern, tools, server),
      },
    };
    tables.set(tools, table);
    return table;
  };
}

function listJson(era: Era, tools: readonly Tool[], server: Implementation): string {
  // `private`: what a caller may see can depend on its token.
  const cache: CacheHint = { ttlMs: LIST_TTL_MS, cacheScope: "private" };
  return JSON.stringify(era.decorate({ tools: tools.map(describeTool) }, server, cache));
}

function describeTool(tool: Tool) {
  const { name, title, description, inputSchema, outputSchema, annotations, meta: _meta } = tool;
  return { name, title, description, inputSchema, outputSchema, annotations, _meta };
}
