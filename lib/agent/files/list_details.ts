import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { wordArgument } from "../../work/arguments.ts";
import { attempt } from "../../work/failure.ts";
import { listArguments, listAsWishedProcedure } from "../../work/files/list.ts";
import type { RunBash } from "../bash.ts";
import { defineAgentTool } from "../definition.ts";
import { agentResult, runProcedure } from "../procedure.ts";
import type { Root } from "./root.ts";

const LIST_MS = 30_000;

const details = z.object({
  name: z.string(),
  type: z.string(),
  mode: z.string(),
  owner: z.string(),
  group: z.string(),
  bytes: z.number(),
  modified: z.string(),
  target: z.string().nullable().describe("Where a link leads"),
});
const output = z.object({
  entries: z.array(z.string()).describe("Names in the directory, sorted"),
  details: z.array(details).optional(),
  truncated: z.boolean().describe("Whether there are more"),
});

/** `list_details`: the names that `ls -A` shows, with what `ls -l` shows of each. */
export function createListDetailsTool(
  { root, runBash }: { readonly root: Root; readonly runBash: RunBash },
): Tool {
  return defineAgentTool({
    name: "list_details",
    title: "List a directory with details",
    description: "List the names in a directory of this machine, hidden ones too (all), with " +
      "mode, owner, group, size and time of each (long).",
    input: z.strictObject({
      path: wordArgument("Path of the directory").default("."),
      ...listArguments,
    }),
    output,
    readOnly: true,
    run: async ({ path, ...wishes }, { signal }) => {
      const guarded = await attempt("list", path, () => root.limit(path));
      const procedure = listAsWishedProcedure(path, wishes, guarded);
      return agentResult(await runProcedure(runBash, procedure, { withinMs: LIST_MS, signal }));
    },
  });
}
