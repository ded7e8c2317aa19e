import { z } from "zod";
import { READS_FILES } from "../mcp/annotations.ts";
import type { CallToolResult, Tool } from "../mcp/tool.ts";
import { OutputCapture } from "../shell/output.ts";
import { quote } from "../shell/quote.ts";
import { defineAgentTool } from "./definition.ts";
import { pathArgument, wordArgument } from "./arguments.ts";
import type { RunBash } from "./bash.ts";
import { attempt } from "../work/failure.ts";
import { findPath, parseRecords, toLines } from "../work/find.ts";
import type { Root } from "./root.ts";
import { checkFinished } from "./script_output.ts";

const MAX_MATCHES = 200;
const MAX_BYTES = 1024 * 1024;
const SEARCH_SECONDS = 120;

const output = z.object({
  matches: z.array(z.string()).describe("Paths, in the order found"),
  truncated: z.boolean().describe("Whether there may be more"),
});

/** `search_files`: paths whose last part matches a shell pattern, the first 200. */
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
      path: pathArgument("Directory to search").default(root.path),
    }),
    output,
    annotations: READS_FILES,
    run: ({ pattern, path }, { signal }) =>
      attempt("search", path, async () =>
        await search(runBash, {
          script: searchScript(await root.locate(path), pattern),
          signal,
        })),
  });
}

/**
 * Runs `find` itself, as the hub does over ssh: its patterns are then the same, links and loops and
 * unreadable directories are its daily bread, and `/proc` is not closed to it as it is to Deno.
 * The first `find` says why if there is nothing to start from.
 */
function searchScript(path: string, pattern: string): string {
  const start = findPath(path);
  return `
LC_ALL=C find ${start} -prune >/dev/null || exit 1
find ${start} -name ${quote(pattern)} -print0 2>/dev/null
exit 0
`;
}

async function search(
  runBash: RunBash,
  { script, signal }: { readonly script: string; readonly signal: AbortSignal },
): Promise<CallToolResult> {
  const captured = new OutputCapture({ headBytes: MAX_BYTES, tailBytes: 0 });
  const enough = new AbortController();
  let found = 0;
  const result = await runBash({
    script,
    output: captured,
    stopWhenFull: true,
    runWithinMs: SEARCH_SECONDS * 1000,
    signal: AbortSignal.any([signal, enough.signal]),
    onOutput: (bytes) => {
      for (const byte of bytes) if (byte === 0) found++;
      if (found > MAX_MATCHES) enough.abort();
    },
  });
  const stopped = result.ended !== "itself" && !signal.aborted;
  if (!stopped) checkFinished(result, captured);
  const matches = parseRecords(captured.bytes("stdout")).slice(0, MAX_MATCHES);
  const note = result.ended === "timeout" ? `[timed out after ${SEARCH_SECONDS} s]` : "";
  return {
    content: [{ type: "text", text: toLines(matches) + note }],
    structuredContent: { matches, truncated: stopped || found > MAX_MATCHES },
  };
}
