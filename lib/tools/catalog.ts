import type { Tool } from "../mcp/tool.ts";
import { type CallToolOptions, remoteCallTool } from "./backend/call.ts";
import { type FindToolsOptions, remoteTools } from "./backend/find.ts";
import { type CopyOptions, remoteCopy } from "./copy/command.ts";
import { remoteShellBg } from "./jobs/start.ts";
import { remoteEditFile } from "./files/edit.ts";
import { remoteListDir } from "./files/list_dir.ts";
import { type ListHostsOptions, remoteListHosts } from "./hosts/list.ts";
import { remoteJobs } from "./jobs/list.ts";
import { remoteKill } from "./jobs/kill.ts";
import { type OutputOptions, remoteOutput } from "./output.ts";
import { remoteReadFile } from "./files/read.ts";
import { remoteSearchFiles } from "./files/search.ts";
import { remoteRun, type RunOptions } from "./run/command.ts";
import { remoteShell } from "./shell.ts";
import { remoteWait, type WaitOptions } from "./hosts/wait.ts";
import { remoteWriteFile } from "./files/write.ts";

/** What all tools together need. */
export type RemoteToolsOptions =
  & ListHostsOptions
  & FindToolsOptions
  & CallToolOptions
  & OutputOptions
  & WaitOptions
  & RunOptions
  & CopyOptions;

/** The hub's tools, in the order of `TOOL_NAMES`, in which they are listed. */
export function createRemoteTools(options: RemoteToolsOptions): readonly Tool[] {
  return [
    remoteListHosts(options),
    remoteShell(options),
    remoteRun(options),
    remoteReadFile(options),
    remoteWriteFile(options),
    remoteEditFile(options),
    remoteShellBg(options),
    remoteJobs(options),
    remoteOutput(options),
    remoteKill(options),
    remoteWait(options),
    remoteListDir(options),
    remoteSearchFiles(options),
    remoteCopy(options),
    remoteTools(options),
    remoteCallTool(options),
  ];
}
