import { Buffer } from "node:buffer";
import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { textArgument, wordArgument } from "../../work/arguments.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "../definition.ts";
import { keyArgument } from "../key.ts";
import { textFields, textOutput } from "../text_fields.ts";

const MAX_ANSWER_BYTES = 1024 * 1024;

const input = z.looseObject({
  host: hostArgument,
  path: wordArgument("File path"),
  old_string: textArgument("Exact text that occurs once"),
  new_string: textArgument("Text to put in its place"),
  replace_all: z.boolean().optional().describe("Replace every occurrence"),
  key: keyArgument,
});

/** `remote_edit_file`: replaces text in a file; needs the backend. */
export function remoteEditFile(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_edit_file",
    title: "Edit file",
    description: "Change part of a text file on a remote host by exact text: a line, a setting. " +
      "Where via=ssh, use remote_shell with sed. Unknown outcome: read " +
      "the file before you repeat it.",
    meta: { "anthropic/searchHint": "change a line in a config on the server" },
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
