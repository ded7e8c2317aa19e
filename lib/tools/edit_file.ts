import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { CHANGES_FILES } from "../mcp/annotations.ts";
import { hostArgument, textArgument } from "./arguments.ts";
import { defineRemoteTool, type RemoteToolOptions } from "./definition.ts";
import { textFields, textOutput } from "./text_fields.ts";

const MAX_ANSWER_BYTES = 1024 * 1024;

const input = z.looseObject({
  host: hostArgument,
  path: textArgument("File path"),
  old_string: z.string().describe("Text to replace, literally"),
  new_string: z.string().describe("Text to put in its place"),
  replace_all: z.boolean().optional().describe("Replace every occurrence, not the only one")
    .meta({ default: false }),
});

/** `remote_edit_file`: replaces text in a file; needs the backend. */
export function remoteEditFile(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_edit_file",
    title: "Edit a file on a host",
    description:
      "Literal-match edit on a fleet host. **Requires backend lmcp up** — no ssh fallback.",
    input,
    annotations: CHANGES_FILES,
    operation: (args) => ({
      tool: "edit_file",
      runMs: null,
      payloadBytes: args.old_string.length + args.new_string.length,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    ssh: null,
    output: textOutput,
    structure: textFields,
  }, options);
}
