import { z } from "zod";
import { READS_FILES } from "../mcp/annotations.ts";
import type { Tool } from "../mcp/tool.ts";
import { defineAgentTool } from "./definition.ts";
import { pathArgument } from "./arguments.ts";
import type { RunBash } from "./bash.ts";
import { attempt } from "../work/failure.ts";
import { readFileText } from "./file_text.ts";
import type { Root } from "./root.ts";

const input = z.strictObject({ path: pathArgument("Path of the file") });
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
    annotations: READS_FILES,
    run: ({ path }, { signal }) =>
      attempt("read", path, async () => {
        const { text, bytes } = await readFileText(await root.locate(path), { runBash, signal });
        return { content: [{ type: "text", text }], structuredContent: { bytes } };
      }),
  });
}
