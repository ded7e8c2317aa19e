import { Buffer } from "node:buffer";
import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { textArgument, wordArgument } from "../work/arguments.ts";
import { attempt, Failure } from "../work/failure.ts";
import { FILE_FAULTS, MAX_FILE_BYTES } from "../work/read_file.ts";
import { writeAtomically } from "./atomic_write.ts";
import { defineAgentTool } from "./definition.ts";
import { type FileText, readFileText } from "./file_text.ts";
import type { Root } from "./root.ts";

const input = z.strictObject({
  path: wordArgument("Path of the file"),
  old_string: textArgument("Text to replace, literally, with its white space and line ends")
    .min(1, "it is empty"),
  new_string: textArgument("Text to put in its place"),
  replace_all: z.boolean().default(false)
    .describe("Replace each occurrence; else there must be exactly one"),
});
const output = z.object({ replacements: z.int(), bytes: z.int().describe("New size in bytes") });

/** `edit_file`: replaces a literal text in a file, at once or not at all. */
export function createEditFileTool(root: Root): Tool {
  return defineAgentTool({
    name: "edit_file",
    title: "Edit a file",
    description: "Replace a literal text in a text file (UTF-8, up to 32 MiB) of this machine. " +
      "It must occur exactly once, unless replace_all is set.",
    input,
    output,
    readOnly: false,
    run: ({ path, ...replacement }) =>
      attempt("edit", path, async () => {
        const target = await root.locateTarget(path);
        const file = await readFileText(target);
        if (file === null) throw new Failure(FILE_FAULTS.special);
        const { text, replacements } = replace(file, replacement);
        const content = new TextEncoder().encode(text);
        if (!await writeAtomically(target, content)) throw new Failure(FILE_FAULTS.special);
        const occurrences = `${replacements} occurrence${replacements === 1 ? "" : "s"}`;
        return {
          content: [{ type: "text", text: `Replaced ${occurrences} in ${path}` }],
          structuredContent: { replacements, bytes: content.length },
        };
      }),
  });
}

interface Replacement {
  readonly old_string: string;
  readonly new_string: string;
  readonly replace_all: boolean;
}

function replace(
  file: FileText,
  { old_string, new_string, replace_all }: Replacement,
): { text: string; replacements: number } {
  if (old_string === new_string) throw new Failure("old_string and new_string are the same");
  const parts = file.text.split(old_string);
  const replacements = parts.length - 1;
  if (replacements === 0) {
    throw new Failure("old_string does not occur in it; read the file and copy the text exactly");
  }
  if (replacements > 1 && !replace_all) {
    throw new Failure(
      `old_string occurs ${replacements} times in it; give more of the text around it, ` +
        "or set replace_all",
    );
  }
  const growth = Buffer.byteLength(new_string) - Buffer.byteLength(old_string);
  if (file.bytes + replacements * growth > MAX_FILE_BYTES) {
    throw new Failure("it would have more than 32 MiB; use shell with sed");
  }
  return { text: parts.join(new_string), replacements };
}
