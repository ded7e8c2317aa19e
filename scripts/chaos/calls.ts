import type { JsonObject } from "../../lib/mcp/message.ts";
import type { Nonce } from "../../tests/lab/executions.ts";

/** Where calls over ssh leave traces. */
export interface Workplace {
  readonly directory: string;
  /** File to which each shell command that runs appends its nonce. */
  readonly journal: string;
}

/** A tool, and how it is called. */
export interface ChaosTool {
  readonly name: string;
  readonly changes: boolean;
  readonly args: (nonce: Nonce, place: Workplace) => JsonObject;
}

/** Far more than `echo` needs on a loaded machine. */
const SHELL_TIMEOUT_S = 5;

/** All tools that work on a host; those that change something leave a trace that can be counted. */
export const CHAOS_TOOLS: readonly ChaosTool[] = [
  {
    name: "remote_shell",
    changes: true,
    args: (nonce, { journal }) => ({
      command: `echo ${nonce} >>${journal}; echo "$$ $RANDOM"`,
      timeout: SHELL_TIMEOUT_S,
    }),
  },
  {
    name: "remote_write_file",
    changes: true,
    args: (nonce, { directory }) => ({ path: `${directory}/${nonce}`, content: nonce }),
  },
  {
    name: "remote_edit_file",
    changes: true,
    args: (nonce, { directory }) => ({
      path: `${directory}/${nonce}`,
      old_string: "a",
      new_string: "b",
    }),
  },
  {
    name: "remote_shell_bg",
    changes: true,
    args: (nonce, { journal }) => ({ command: `echo ${nonce} >>${journal}`, log: "/dev/null" }),
  },
  { name: "remote_read_file", changes: false, args: (_, { journal }) => ({ path: journal }) },
  { name: "remote_list_dir", changes: false, args: () => ({ path: "/" }) },
  {
    name: "remote_search_files",
    changes: false,
    args: (nonce) => ({ pattern: nonce, path: "/etc/ssh" }),
  },
];
