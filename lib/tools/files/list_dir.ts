import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { wordArgument } from "../../work/arguments.ts";
import { hasListWishes, listArguments, listAsWishedProcedure } from "../../work/files/list.ts";
import { listDirProcedure, MAX_LIST_BYTES } from "../../work/list_dir.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "../definition.ts";
import { textFields, textOutput } from "../text_fields.ts";

const MAX_ANSWER_BYTES = 4 * MAX_LIST_BYTES;

const input = z.looseObject({
  host: hostArgument,
  path: wordArgument("Directory (default: home)").optional(),
  ...listArguments,
});

/** `remote_list_dir`: names in a directory. */
export function remoteListDir(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_list_dir",
    title: "List directory",
    description: "List a directory (folder) of a remote host.",
    input,
    readOnly: true,
    work: (args) => ({
      tool: hasListWishes(args) ? "list_details" : "list_dir",
      runMs: null,
      payloadBytes: 0,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    procedure: ({ path = ".", ...wishes }) =>
      hasListWishes(wishes) ? listAsWishedProcedure(path, wishes) : listDirProcedure(path),
    output: textOutput,
    ownFields: textFields,
  }, options);
}
