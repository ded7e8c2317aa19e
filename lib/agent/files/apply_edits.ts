import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { wordArgument } from "../../work/arguments.ts";
import { checkEdits, editsArguments, editsOf } from "../../work/edit/arguments.ts";
import { defineAgentTool } from "../definition.ts";
import type { EditOptions } from "../edit_file.ts";
import { createEditor, editedOutput } from "./editor.ts";

const input = z.strictObject({ path: wordArgument("Path of the file"), ...editsArguments })
  .check(checkEdits);

/** `apply_edits`: makes several replacements in a file, or only in a known content, all or none. */
export function createApplyEditsTool(options: EditOptions): Tool {
  const edit = createEditor(options);
  return defineAgentTool({
    name: "apply_edits",
    title: "Edit a file in several places",
    description: "Replace literal texts in a text file (UTF-8, up to 32 MiB) of this machine: " +
      "edits are made in order, all or none, and only if the file has if_sha256, where it is set.",
    input,
    output: editedOutput,
    readOnly: false,
    run: ({ path, ...args }, context) =>
      edit({ path, edits: editsOf(args), ifSha256: args.if_sha256 }, context),
  });
}
