import { getOrAdd } from "../base/get_or_add.ts";
import { OUTPUT_TOOL, type ToolName } from "../fleet/rules.ts";
import { schemaForModels } from "../mcp/json/schema.ts";
import type { ResultProfile } from "../mcp/profile.ts";
import type { Tool } from "../mcp/tool.ts";
import type { AnswerArgument } from "../outputs/answer_arguments.ts";
import {
  type OwnCut,
  type PresentOptions,
  presentOutput,
  presentTool,
} from "../outputs/present.ts";
import { cutLines, limitLines } from "./files/cut_lines.ts";

/** What callers may say of the answers of each tool. */
const ANSWER_ARGUMENTS: ReadonlyMap<string, readonly AnswerArgument[]> = new Map<
  ToolName,
  readonly AnswerArgument[]
>([
  ["remote_list_hosts", ["max_chars"]],
  ["remote_shell", ["max_chars", "wait"]],
  ["remote_run", ["max_chars", "wait"]],
  ["remote_read_file", ["max_chars"]],
  ["remote_list_dir", ["max_chars"]],
  ["remote_search_files", ["max_chars"]],
  ["remote_tools", ["max_chars"]],
  ["remote_call_tool", ["max_chars", "wait"]],
]);

const OWN_CUTS: ReadonlyMap<string, OwnCut> = new Map<ToolName, OwnCut>([
  ["remote_read_file", { limit: limitLines, cut: cutLines }],
]);

/** Some tools as a profile has them: the same array for the same array. */
export type ToolsOfProfile = (tools: readonly Tool[], profile: ResultProfile) => readonly Tool[];

/** Makes a `ToolsOfProfile` for the hub's tools. */
export function createProfiles(options: PresentOptions): ToolsOfProfile {
  const sets = {
    text: new WeakMap<readonly Tool[], readonly Tool[]>(),
    structured: new WeakMap<readonly Tool[], readonly Tool[]>(),
  };
  return function toolsOfProfile(tools, profile) {
    return getOrAdd(
      sets[profile],
      tools,
      () => tools.map((tool) => describe(presentByName(tool, profile, options), profile)),
    );
  };
}

/**
 * Tools whose answers are mostly short, or can be limited otherwise: they take `max_chars`, but no
 * model reads of it at each start.
 */
const SELDOM_LONG: ReadonlySet<string> = new Set<ToolName>([
  "remote_list_hosts",
  "remote_list_dir",
  "remote_search_files",
  "remote_tools",
]);

function describe(tool: Tool, profile: ResultProfile): Tool {
  if (profile === "structured") return tool;
  const schema = schemaForModels(tool.inputSchema);
  const { max_chars: _, ...others } = Object(schema.properties);
  // Clients show the one among the annotations, too.
  const { title: _title, ...listed } = tool;
  return {
    ...listed,
    inputSchema: SELDOM_LONG.has(tool.name) ? { ...schema, properties: others } : schema,
    annotations: withoutDefaults(tool.annotations),
  };
}

/** Without the hints that say what holds for a tool without them, too: all tools reach other machines. */
function withoutDefaults(annotations: Tool["annotations"]): Tool["annotations"] {
  const { title, readOnlyHint, idempotentHint } = annotations;
  return { title, readOnlyHint, ...(idempotentHint && { idempotentHint }) };
}

function presentByName(tool: Tool, profile: ResultProfile, options: PresentOptions): Tool {
  if (tool.name === OUTPUT_TOOL) return presentOutput(tool, profile, options.settings);
  const names = ANSWER_ARGUMENTS.get(tool.name) ?? [];
  const own = OWN_CUTS.get(tool.name) ?? null;
  return presentTool(tool, profile, { ...options, names, own });
}
