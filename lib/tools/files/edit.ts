import { z } from "zod";
import { createPause } from "../../base/bursts.ts";
import type { Tool } from "../../mcp/tool.ts";
import { wordArgument } from "../../work/arguments.ts";
import {
  checkEdits,
  editsArguments,
  editsOf,
  isMore,
  sizeOfEdits,
} from "../../work/edit/arguments.ts";
import { editFileProcedure } from "../../work/edit/procedure.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "../definition.ts";
import { keyArgument } from "../key.ts";
import { textFields, textOutput } from "../text_fields.ts";

const MAX_ANSWER_BYTES = 1024 * 1024;

const input = z.looseObject({
  host: hostArgument,
  path: wordArgument("File path"),
  ...editsArguments,
  key: keyArgument,
}).check(checkEdits);

/** `remote_edit_file`: replaces text in a file, all of it or nothing. */
export function remoteEditFile(options: RemoteToolOptions): Tool {
  const pause = createPause();
  return defineRemoteTool({
    name: "remote_edit_file",
    title: "Edit file",
    description: "Change part of a text file on a remote host by exact text: a line, a setting. " +
      "Unknown outcome: read the file before you repeat it.",
    meta: { "anthropic/searchHint": "change a line in a config on the server" },
    input,
    readOnly: false,
    work: (args) => ({
      // Backends that do not know the rest would edit whatever is there.
      tool: isMore(args) ? "apply_edits" : "edit_file",
      runMs: null,
      payloadBytes: sizeOfEdits(args),
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    procedure: (args) =>
      editFileProcedure({
        path: args.path,
        edits: editsOf(args),
        ifSha256: args.if_sha256,
        pause,
      }),
    output: textOutput,
    ownFields: textFields,
  }, options);
}
