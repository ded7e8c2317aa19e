import type { Tool } from "../mcp/tool.ts";
import { remoteShellBg } from "./background.ts";
import type { RemoteToolOptions } from "./definition.ts";
import { remoteEditFile } from "./edit_file.ts";
import { remoteListDir } from "./list_dir.ts";
import { type ListHostsOptions, remoteListHosts } from "./list_hosts.ts";
import { remoteReadFile } from "./read_file.ts";
import { remoteSearchFiles } from "./search_files.ts";
import { remoteShell } from "./shell.ts";
import { remoteWriteFile } from "./write_file.ts";

/** The hub's tools, in the order of `TOOL_NAMES`, in which they are listed. */
export function createRemoteTools(options: RemoteToolOptions & ListHostsOptions): readonly Tool[] {
  return [
    remoteListHosts(options),
    remoteShell(options),
    remoteReadFile(options),
    remoteWriteFile(options),
    remoteEditFile(options),
    remoteShellBg(options),
    remoteListDir(options),
    remoteSearchFiles(options),
  ];
}
