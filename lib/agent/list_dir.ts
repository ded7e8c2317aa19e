import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { wordArgument } from "../work/arguments.ts";
import { attempt } from "../work/failure.ts";
import { listDirProcedure } from "../work/list_dir.ts";
import type { RunBash } from "./bash.ts";
import { defineAgentTool } from "./definition.ts";
import { agentResult, runProcedure } from "./procedure.ts";
import type { Root } from "./files/root.ts";

const LIST_MS = 30_000;

const input = z.strictObject({
  path: wordArgument("Path of the directory").default("."),
});
const output = z.object({
  entries: z.array(z.string()).describe("Names in the directory, sorted, hidden ones left out"),
});

/**
 * `list_dir`: the names that `ls -1` shows. By a script, since `Deno.readDir` leaves out names that
 * are not UTF-8 (2.6), and sees `/proc`, `/sys` and `/dev` only with all permissions.
 */
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
    readOnly: true,
    run: async ({ path }, { signal }) => {
      const guarded = await attempt("list", path, () => root.limit(path));
      const procedure = listDirProcedure(path, guarded);
      return agentResult(await runProcedure(runBash, procedure, { withinMs: LIST_MS, signal }));
    },
  });
}
