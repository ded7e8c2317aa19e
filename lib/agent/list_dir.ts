import { Buffer } from "node:buffer";
import { z } from "zod";
import { READS_FILES } from "../mcp/annotations.ts";
import type { Tool } from "../mcp/tool.ts";
import { defineAgentTool } from "./definition.ts";
import { pathArgument } from "./arguments.ts";
import type { RunBash } from "./bash.ts";
import { attempt } from "../work/failure.ts";
import { findPath, parseRecords, toLines } from "../work/find.ts";
import type { Root } from "./root.ts";
import { readScriptOutput } from "./script_output.ts";

const MAX_LIST_BYTES = 8 * 1024 * 1024;
const LIST_MS = 30_000;

const input = z.strictObject({
  path: pathArgument("Path of the directory").default("."),
});
const output = z.object({
  entries: z.array(z.string()).describe("Names in the directory, sorted, hidden ones left out"),
});

/** `list_dir`: the names that `ls -1` shows, in the C locale's order. */
export function createListDirTool(
  { root, runBash }: { readonly root: Root; readonly runBash: RunBash },
): Tool {
  return defineAgentTool({
    name: "list_dir",
    title: "List a directory",
    description: "List the names in a directory of this machine, one a line, as ls -1 does " +
      "(hidden ones are left out; for them and for details use shell with ls -la).",
    input,
    output,
    annotations: READS_FILES,
    run: ({ path }, { signal }) =>
      attempt("list", path, async () => {
        const script = listScript(await root.locate(path));
        const options = { script, maxBytes: MAX_LIST_BYTES, withinMs: LIST_MS, signal };
        const [kind, ...found] = parseRecords(await readScriptOutput(runBash, options));
        const entries = kind === "directory" ? namesIn(found) : [path];
        return {
          content: [{ type: "text", text: toLines(entries) }],
          structuredContent: { entries },
        };
      }),
  });
}

/**
 * Runs `find`, since `Deno.readDir` leaves out names that are not UTF-8 (2.6), and sees `/proc`,
 * `/sys` and `/dev` only with all permissions; and not `ls`, since names may hold line feeds.
 */
function listScript(path: string): string {
  const start = findPath(path);
  return `
export LC_ALL=C
if [ -d ${start} ]; then
  printf 'directory\\0'
  exec find ${start}/ -mindepth 1 -maxdepth 1 ! -name '.*' -print0
else
  printf 'file\\0'
  exec find ${start} -prune -print0
fi
`;
}

function namesIn(paths: readonly string[]): string[] {
  return paths.map((path) => path.slice(path.lastIndexOf("/") + 1)).toSorted(byBytes);
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
