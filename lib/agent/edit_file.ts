import { z } from "zod";
import type { Secret } from "../base/secret.ts";
import type { Tool } from "../mcp/tool.ts";
import { textArgument, wordArgument } from "../work/arguments.ts";
import type { Edit } from "../work/edit/apply.ts";
import { defineAgentTool } from "./definition.ts";
import { createEditor, editedOutput } from "./files/editor.ts";
import type { ChangeOptions } from "./write_file.ts";

const input = z.strictObject({
  path: wordArgument("Path of the file"),
  old_string: textArgument("Text to replace, literally, with its white space and line ends")
    .min(1, "it is empty"),
  new_string: textArgument("Text to put in its place"),
  replace_all: z.boolean().default(false)
    .describe("Replace each occurrence; else there must be exactly one"),
});

/** What the tools need that edit files. */
export interface EditOptions extends ChangeOptions {
  /** This agent's own token, which no answer may show; null: there is none. */
  readonly token: Secret | null;
}

/** `edit_file`: replaces a literal text in a file, at once or not at all. */
export function createEditFileTool(options: EditOptions): Tool {
  const edit = createEditor(options);
  return defineAgentTool({
    name: "edit_file",
    title: "Edit a file",
    description: "Replace a literal text in a text file (UTF-8, up to 32 MiB) of this machine. " +
      "It must occur exactly once, unless replace_all is set.",
    input,
    output: editedOutput,
    readOnly: false,
    run: ({ path, ...replacement }, context) => {
      const edits: readonly Edit[] = [replacement];
      return edit({ path, edits, ifSha256: undefined }, context);
    },
  });
}
