import { z } from "zod";
import { REPLACES_FILES } from "../mcp/annotations.ts";
import type { Tool } from "../mcp/tool.ts";
import { defineAgentTool } from "./definition.ts";
import { pathArgument, textArgument } from "./arguments.ts";
import { writeAtomically } from "./atomic_write.ts";
import { attempt } from "../work/failure.ts";
import type { Root } from "./root.ts";

const input = z.strictObject({
  path: pathArgument("Path of the file; its directory must exist"),
  content: textArgument("The whole new content"),
});
const output = z.object({ bytes: z.int().describe("Size of the file in bytes") });

/** `write_file`: makes a file, or replaces its content, at once or not at all. */
export function createWriteFileTool(root: Root): Tool {
  return defineAgentTool({
    name: "write_file",
    title: "Write a file",
    description: "Create a text file on this machine, or replace its whole content. A failed " +
      "write changes nothing.",
    input,
    output,
    annotations: REPLACES_FILES,
    run: ({ path, content }) =>
      attempt("write", path, async () => {
        const bytes = new TextEncoder().encode(content);
        await writeAtomically(await root.locateTarget(path), bytes);
        return {
          content: [{ type: "text", text: `Written ${bytes.length} bytes to ${path}` }],
          structuredContent: { bytes: bytes.length },
        };
      }),
  });
}
