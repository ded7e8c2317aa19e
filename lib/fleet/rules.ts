/** The names of the hub's tools, which rules name, in the order in which they are listed. */
export const TOOL_NAMES = [
  "remote_list_hosts",
  "remote_shell",
  "remote_run",
  "remote_read_file",
  "remote_write_file",
  "remote_edit_file",
  "remote_shell_bg",
  "remote_jobs",
  "remote_output",
  "remote_kill",
  "remote_wait",
  "remote_list_dir",
  "remote_search_files",
  "remote_copy",
  "remote_tools",
  "remote_call_tool",
] as const;

/** One of them. */
export type ToolName = (typeof TOOL_NAMES)[number];

/** The tools of backends that the hub's own tools use, each with the one to use instead of a direct call. */
export const USED_TOOLS: ReadonlyMap<string, ToolName> = new Map([
  ["shell", "remote_shell"],
  ["shell_bg", "remote_shell_bg"],
  ["jobs", "remote_jobs"],
  ["job_output", "remote_output"],
  ["job_kill", "remote_kill"],
  ["read_file", "remote_read_file"],
  ["read_part", "remote_read_file"],
  ["write_file", "remote_write_file"],
  ["write_bytes", "remote_write_file"],
  ["edit_file", "remote_edit_file"],
  ["apply_edits", "remote_edit_file"],
  ["list_dir", "remote_list_dir"],
  ["list_details", "remote_list_dir"],
  ["search_files", "remote_search_files"],
  ["search_text", "remote_search_files"],
  ["copy_read", "remote_copy"],
  ["copy_write", "remote_copy"],
]);

/** Whether a text can name a backend's tool: the characters that MCP allows, `:` and `/`. */
export function isToolName(text: string): boolean {
  return /^[A-Za-z0-9_.:/-]{1,128}$/.test(text);
}

/** The tools that run whatever text they are given, or may do so. */
export const TEXT_RUNNERS: readonly ToolName[] = [
  "remote_shell",
  "remote_shell_bg",
  "remote_call_tool",
];

/** Runs named commands too: for a client that may run these alone, nothing else. */
export const COMMAND_TOOL: ToolName = "remote_run";

/**
 * Shows a caller what it was answered before: no rule forbids that to whoever may use any tool. The
 * output of jobs it shows to those whose rules name it.
 */
export const OUTPUT_TOOL: ToolName = "remote_output";

/** Which tools may be used: what a host allows everybody, or what a client may do anywhere. */
export interface ToolRules {
  /** Null: all. */
  readonly tools: ReadonlySet<string> | null;
  /** Whether only tools that change nothing may be used. */
  readonly readOnly: boolean;
}

/** Rules that forbid nothing. */
export const ALL_TOOLS: ToolRules = { tools: null, readOnly: false };
