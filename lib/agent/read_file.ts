import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { wordArgument } from "../work/arguments.ts";
import { attempt } from "../work/failure.ts";
import { readFileProcedure } from "../work/read_file.ts";
import type { RunBash } from "./bash.ts";
import { defineAgentTool } from "./definition.ts";
import { KERNEL_FILE_MS, readFileText } from "./file_text.ts";
import { runProcedure, toResult } from "./procedure.ts";
import type { Root } from "./root.ts";

const input = z.strictObject({ path: wordArgument("Path of the file") });
const output = z.object({ bytes: z.int().describe("Size of the file in bytes") });

/** `read_file`: the content of a text file, exactly and whole, up to 32 MiB. */
export function createReadFileTool(
  { root, runBash }: { readonly root: Root; readonly runBash: RunBash },
): Tool {
  return defineAgentTool({
    name: "read_file",
    title: "Read a file",
    description: "Read a whole text file (UTF-8, up to 32 MiB) of this machine. For parts of it, " +
      "larger or binary files use shell.",
    input,
    output,
    readOnly: true,
    run: async ({ path }, { signal }) => {
      const realPath = await attempt("read", path, () => root.locate(path));
      const file = await attempt("read", path, () => readFileText(realPath));
      if (file !== null) {
        return toResult({ text: file.text, failure: null, structured: { bytes: file.bytes } });
      }
      const procedure = readFileProcedure(path, { realPath });
      return toResult(await runProcedure(runBash, procedure, { withinMs: KERNEL_FILE_MS, signal }));
    },
  });
}
