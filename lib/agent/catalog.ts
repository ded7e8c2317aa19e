import type { Secret } from "../base/secret.ts";
import type { Tool } from "../mcp/tool.ts";
import { createShellBgTool } from "./background.ts";
import { type BashOptions, createBash } from "./bash.ts";
import { createContents } from "./contents.ts";
import { createJobKillTool } from "./jobs/kill.ts";
import { createJobsTool } from "./jobs/list.ts";
import { createJobOutputTool } from "./jobs/output.ts";
import { createCopyReadTool } from "./copy/source_tool.ts";
import { createCopyWriteTool } from "./copy/target_tool.ts";
import { createEditFileTool } from "./edit_file.ts";
import { createApplyEditsTool } from "./files/apply_edits.ts";
import { createKept, type KeptOptions } from "./files/kept.ts";
import { createListDetailsTool } from "./files/list_details.ts";
import { createSearchTextTool } from "./files/search_text.ts";
import { createRoot } from "./files/root.ts";
import { createFileQueue } from "./files/queue.ts";
import { createListDirTool } from "./list_dir.ts";
import { createReadFileTool } from "./read_file.ts";
import { createReadPartTool } from "./files/read_part.ts";
import { createWriteBytesTool } from "./files/write_bytes.ts";
import { createSearchFilesTool } from "./search_files.ts";
import { createShellTool } from "./shell.ts";
import { createWriteFileTool } from "./write_file.ts";

/** Options of `createAgentTools()`. */
export interface AgentToolsOptions extends BashOptions, KeptOptions {
  /** Process id of this agent, and id of its user; null: not known. */
  readonly pid: number;
  readonly uid: number | null;
  /** The token of its callers, kept from them; null: there is none. */
  readonly token: Secret | null;
  /** Absolute path of the directory that the file tools stay below; `/`: no limit. */
  readonly root: string;
  /** Absolute path of a directory only the agent's user can write to; made when it is needed. */
  readonly stateDirectory: string;
}

/** The tools a backend serves, in the order of `tools/list`. */
export function createAgentTools(options: AgentToolsOptions): readonly Tool[] {
  const { denyPaths, token, stateDirectory } = options;
  const runBash = createBash(options);
  const jobs = { runBash, stateDirectory };
  const root = createRoot({
    ...options,
    findKept: createKept(options),
    isWatchful: denyPaths.length > 0,
  });
  const contents = createContents(runBash);
  const inTurn = createFileQueue();
  return [
    createShellTool(runBash),
    createShellBgTool(jobs),
    createJobsTool(jobs),
    createJobOutputTool(jobs),
    createJobKillTool(jobs),
    createReadFileTool({ root, contents, token }),
    createReadPartTool({ root, contents, token }),
    createWriteFileTool({ root, contents, inTurn }),
    createWriteBytesTool({ root, contents, inTurn }),
    createEditFileTool({ root, contents, inTurn, token }),
    createApplyEditsTool({ root, contents, inTurn, token }),
    createListDirTool({ root, runBash }),
    createListDetailsTool({ root, runBash }),
    createSearchFilesTool({ root, runBash }),
    createSearchTextTool({ root, runBash, token }),
    createCopyReadTool({ root, runBash }),
    createCopyWriteTool({ root, runBash, inTurn }),
  ];
}
