import type { JsonObject } from "../../lib/mcp/message.ts";
import type { Nonce } from "./executions.ts";

/** One of the tools that send their work to a host, and a call of it. */
export interface RemoteCall {
  readonly tool: string;
  /** The backend's own tool. */
  readonly backendTool: string;
  readonly readOnly: boolean;
  readonly overSsh: boolean;
  /** Arguments beside `host`, with a nonce to find the call by. */
  readonly args: (nonce: Nonce) => JsonObject;
}

/** The remote tools, as the design has them. */
export const REMOTE_CALLS: readonly RemoteCall[] = [
  {
    tool: "remote_shell",
    backendTool: "shell",
    readOnly: false,
    overSsh: true,
    args: (nonce) => ({ command: `echo ${nonce}`, timeout: 1 }),
  },
  {
    tool: "remote_read_file",
    backendTool: "read_file",
    readOnly: true,
    overSsh: true,
    args: (nonce) => ({ path: `/${nonce}` }),
  },
  {
    tool: "remote_write_file",
    backendTool: "write_file",
    readOnly: false,
    overSsh: true,
    args: (nonce) => ({ path: `/${nonce}`, content: "new" }),
  },
  {
    tool: "remote_edit_file",
    backendTool: "edit_file",
    readOnly: false,
    overSsh: true,
    args: (nonce) => ({ path: `/${nonce}`, old_string: "from", new_string: "over" }),
  },
  {
    tool: "remote_shell_bg",
    backendTool: "shell_bg",
    readOnly: false,
    overSsh: true,
    args: (nonce) => ({ command: `echo ${nonce}` }),
  },
  {
    tool: "remote_list_dir",
    backendTool: "list_dir",
    readOnly: true,
    overSsh: true,
    args: (nonce) => ({ path: `/${nonce}` }),
  },
  {
    tool: "remote_search_files",
    backendTool: "search_files",
    readOnly: true,
    overSsh: true,
    args: (nonce) => ({ pattern: nonce }),
  },
];
