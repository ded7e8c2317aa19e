const VALUES = {
  command: "id",
  path: "/x",
  content: "abcé",
  pattern: "x",
  old_string: "a",
  new_string: "b",
  tool: "backup",
};

const NAMES: Readonly<Record<string, readonly (keyof typeof VALUES)[]>> = {
  remote_shell: ["command"],
  remote_read_file: ["path"],
  remote_write_file: ["path", "content"],
  remote_edit_file: ["path", "old_string", "new_string"],
  remote_shell_bg: ["command"],
  remote_list_dir: ["path"],
  remote_search_files: ["path", "pattern"],
  remote_call_tool: ["tool"],
};

/** Arguments that fit a tool. */
export function argumentsOf(tool: string, host: string): Record<string, string> {
  const own = (NAMES[tool] ?? []).map((name) => [name, VALUES[name]]);
  return { host, ...Object.fromEntries(own) };
}
