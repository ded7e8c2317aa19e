import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { textArgument, wordArgument } from "../work/arguments.ts";
import { attempt } from "../work/failure.ts";
import { writeFileProcedure, writtenReply } from "../work/write_file.ts";
import { writeAtomically } from "./atomic_write.ts";
import type { RunBash } from "./bash.ts";
import { defineAgentTool } from "./definition.ts";
import { runProcedure, toResult } from "./procedure.ts";
import type { Root } from "./root.ts";

/** How long a device or a pipe may take to accept its content. */
const SPECIAL_FILE_MS = 5_000;

const input = z.strictObject({
  path: wordArgument("Path of the file; its directory must exist"),
  content: textArgument("The whole new content"),
});
const output = z.object({ bytes: z.int().describe("Size of the file in bytes") });

/** `write_file`: makes a file, or replaces its content, at once or not at all. */
export function createWriteFileTool(
  { root, runBash }: { readonly root: Root; readonly runBash: RunBash },
): Tool {
  return defineAgentTool({
    name: "write_file",
    title: "Write a file",
    description: "Create a text file on this machine, or replace its whole content. A failed " +
      "write changes nothing.",
    input,
    output,
    readOnly: false,
    idempotent: true,
    run: async ({ path, content: text }, { signal }) => {
      const content = new TextEncoder().encode(text);
      const realPath = await attempt("write", path, () => root.locateTarget(path));
      const isWritten = await attempt("write", path, () => writeAtomically(realPath, content));
      if (isWritten) return toResult(writtenReply(path, content.length));
      const procedure = writeFileProcedure({ path, realPath, content });
      return toResult(
        await runProcedure(runBash, procedure, { withinMs: SPECIAL_FILE_MS, signal }),
      );
    },
  });
}
