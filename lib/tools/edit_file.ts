import { Buffer } from "node:buffer";
import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { textArgument, wordArgument } from "../work/arguments.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "./definition.ts";
import { textFields, textOutput } from "./text_fields.ts";

const MAX_ANSWER_BYTES = 1024 * 1024;

const input = z.looseObject({
  host: hostArgument,
  path: wordArgument("File path"),
  old_string: textArgument("Text to replace, literally"),
  new_string: textArgument("Text to put in its place"),
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
    readOnly: false,
    work: (args) => ({
      tool: "edit_file",
      runMs: null,
      payloadBytes: Buffer.byteLength(args.old_string + args.new_string),
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    procedure: null,
    output: textOutput,
    ownFields: textFields,
  }, options);
}
