import { escapeControls } from "../../base/text/controls.ts";
import { foreignText } from "../../base/text/foreign_text.ts";
import { nearNames } from "../../base/text/near_names.ts";
import type { BackendTool } from "../../fleet/backend/tool_list.ts";
import { USED_TOOLS } from "../../fleet/rules.ts";
import type { JsonObject } from "../../mcp/message.ts";
import type { OfferedTool, SchemaText } from "./fold.ts";

/** Characters of a description in a list of tools. */
const MAX_SUMMARY = 160;
/** Characters of a schema that is shown: a longer one is of no use to a model. */
const MAX_SCHEMA = 20_000;

/** What is asked for of the tools of hosts. */
export interface Wanted {
  /** Words that name or description must hold, all of them; empty: any. */
  readonly query: string;
  /** The one tool to show with its schema; null: all of them, without. */
  readonly tool: string | null;
}

/** What was asked for of the tools of one host. */
export interface Selection {
  readonly tools: readonly OfferedTool[];
  /** Names that the wanted one may be misspelt for, if it is not there. */
  readonly near: readonly string[];
}

/** Makes the function that selects from a backend's tools, those that the hub's own use aside. */
export function createSelect(
  { query, tool: wanted }: Wanted,
): (tools: readonly BackendTool[], isCallable: (name: string) => boolean) => Selection {
  const words = query.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");

  function matches({ name, description }: BackendTool): boolean {
    const text = `${name} ${description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  }

  return function selectTools(tools, isCallable) {
    const own = tools.filter(({ name }) => !USED_TOOLS.has(name));
    const found = own.filter((tool) => (wanted ?? tool.name) === tool.name && matches(tool));
    return {
      tools: found.map(({ name, description, inputSchema }) => ({
        name,
        description: wanted === null ? foreignText(description, MAX_SUMMARY) : description,
        schema: wanted === null ? null : schemaText(inputSchema),
        isCallable: isCallable(name),
      })),
      near: wanted === null || found.length > 0
        ? []
        : nearNames(wanted, own.map(({ name }) => name)),
    };
  };
}

function schemaText(schema: JsonObject | null): SchemaText {
  if (schema === null) return { kind: "none" };
  const json = escapeControls(JSON.stringify(schema));
  const { length: chars } = json;
  return chars <= MAX_SCHEMA ? { kind: "json", json } : { kind: "too_long", chars };
}
