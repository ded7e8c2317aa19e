import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { wordArgument } from "../../work/arguments.ts";
import { hasSearchWishes, searchArguments, searchProcedure } from "../../work/files/search.ts";
import { MAX_MATCH_BYTES } from "../../work/search_files.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "../definition.ts";
import { textFields, textOutput } from "../text_fields.ts";

const MAX_ANSWER_BYTES = 4 * MAX_MATCH_BYTES;

const input = z.looseObject({
  host: hostArgument,
  path: wordArgument("Folder to search").optional(),
  ...searchArguments,
});

/** `remote_search_files`: paths whose file name matches a pattern, or lines that match. */
export function remoteSearchFiles(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_search_files",
    title: "Find files",
    description: "Find files on a remote host by name, or lines in log files by content. " +
      "Give path: the default / walks the whole disk.",
    input,
    readOnly: true,
    work: (args) => ({
      tool: hasSearchWishes(args) ? "search_text" : "search_files",
      runMs: null,
      payloadBytes: 0,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    procedure: ({ path, ...wishes }) => searchProcedure(path || "/", wishes),
    output: textOutput,
    ownFields: textFields,
  }, options);
}
