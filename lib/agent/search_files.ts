import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { wordArgument } from "../work/arguments.ts";
import { attempt } from "../work/failure.ts";
import { searchFilesProcedure } from "../work/search_files.ts";
import type { RunBash } from "./bash.ts";
import { defineAgentTool } from "./definition.ts";
import { agentResult, runProcedure } from "./procedure.ts";
import type { Root } from "./files/root.ts";

const SEARCH_MS = 120_000;

const output = z.object({
  matches: z.array(z.string()).describe("Paths, in the order found"),
  truncated: z.boolean().describe("Whether there may be more"),
});

/**
 * `search_files`: paths whose last part matches a shell pattern, the first 200. By `find` itself, as
 * over ssh: its patterns are then the same, links and loops and unreadable directories are its daily
 * bread, and `/proc` is not closed to it as it is to Deno.
 */
export function createSearchFilesTool(
  { root, runBash }: { readonly root: Root; readonly runBash: RunBash },
): Tool {
  return defineAgentTool({
    name: "search_files",
    title: "Search files by name",
    description: "Find files and directories of this machine whose name matches a shell pattern, " +
      "as find PATH -name PATTERN does, the first 200. Links are not followed, and what this " +
      "agent may not read is left out.",
    input: z.strictObject({
      pattern: wordArgument("Pattern for the name: *, ?, [...] and backslash, as in find -name"),
      path: wordArgument("Directory to search").default(root.path),
    }),
    output,
    readOnly: true,
    run: async ({ pattern, path }, { signal }) => {
      const start = path || root.path;
      const guarded = await attempt("search", start, () => root.limit(start));
      const procedure = searchFilesProcedure({ path: start, guarded, pattern });
      return agentResult(await runProcedure(runBash, procedure, { withinMs: SEARCH_MS, signal }));
    },
  });
}
