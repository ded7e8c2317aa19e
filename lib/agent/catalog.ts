import type { Tool } from "../mcp/tool.ts";
import { createShellBgTool } from "./background.ts";
import { type BashOptions, createBash } from "./bash.ts";
import { createEditFileTool } from "./edit_file.ts";
import { createListDirTool } from "./list_dir.ts";
import { createReadFileTool } from "./read_file.ts";
import { createRoot } from "./root.ts";
import { createSearchFilesTool } from "./search_files.ts";
import { createShellTool } from "./shell.ts";
import { createWriteFileTool } from "./write_file.ts";

/** What `createAgentTools()` needs. */
export interface AgentToolsOptions extends BashOptions {
  /** Absolute path of the directory that the file tools stay below; `/`: no limit. */
  readonly root: string;
  /** Absolute path of a directory only the agent's user can write to; made when it is needed. */
  readonly stateDirectory: string;
}

/** The tools a backend serves, in the order of `tools/list`. */
export function createAgentTools(options: AgentToolsOptions): readonly Tool[] {
  const runBash = createBash(options);
  const { home } = options;
  const root = createRoot(options.root, home);
  return [
    createShellTool(runBash),
    createShellBgTool({ runBash, home, stateDirectory: options.stateDirectory }),
    createReadFileTool({ root, runBash }),
    createWriteFileTool({ root, runBash }),
    createEditFileTool(root),
    createListDirTool({ root, runBash }),
    createSearchFilesTool({ root, runBash }),
  ];
}
