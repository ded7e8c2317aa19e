import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { writeRequest } from "../../work/copy/requests.ts";
import { targetProcedure } from "../../work/copy/target.ts";
import { attempt } from "../../work/failure.ts";
import { defineAgentTool } from "../definition.ts";
import type { InTurn } from "../files/queue.ts";
import { agentResult, runProcedure } from "../procedure.ts";
import { writeOwnPiece } from "./pieces.ts";
import { COPY_MS, type CopyOptions } from "./source_tool.ts";

/** `copy_write`: what a hub writes of a file or folder that it copies from another host. */
export function createCopyWriteTool(
  { root, runBash, inTurn }: CopyOptions & { readonly inTurn: InTurn },
): Tool {
  return defineAgentTool({
    name: "copy_write",
    title: "Write for a copy",
    description: "Used by a hub to copy a file or folder of another machine to this one, in " +
      "pieces. What it is to replace stays until all of it is there.",
    input: writeRequest,
    output: z.object({
      have: z.int().optional().describe("Size of the partial file"),
      there: z.object({ mode: z.string(), size: z.int() }).optional()
        .describe("What it would replace"),
      digests: z.array(z.string()).optional().describe("SHA-256 of each piece"),
      done: z.boolean().optional(),
    }),
    readOnly: false,
    idempotent: true,
    run: async (request, { signal }) => {
      const { path } = request;
      const place = await attempt("write", path, () => root.locate(path));
      const procedure = targetProcedure(request, { guarded: place.guarded });
      return agentResult(
        await inTurn(
          { path: place.path, signal },
          async () =>
            await attempt("write", path, () => writeOwnPiece(place, request)) ??
              await runProcedure(runBash, procedure, { withinMs: COPY_MS, signal }),
        ),
      );
    },
  });
}
