import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { wordArgument } from "../../work/arguments.ts";
import { MAX_MATCH_BYTES, searchFilesProcedure } from "../../work/search_files.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "../definition.ts";
import { textFields, textOutput } from "../text_fields.ts";

const MAX_ANSWER_BYTES = 4 * MAX_MATCH_BYTES;

const input = z.looseObject({
  host: hostArgument,
  pattern: wordArgument("Name or pattern, such as *.log"),
  path: wordArgument("Directory to search (default /)").optional(),
});

/** `remote_search_files`: paths whose file name matches a pattern. */
export function remoteSearchFiles(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_search_files",
    title: "Find files",
    description:
      "Find files by name on a remote host, at most 200. Give path: the default / walks the " +
      "whole disk. For large files, or log files with some text, use remote_shell with find " +
      "or grep -r.",
    input,
    readOnly: true,
    work: () => ({
      tool: "search_files",
      runMs: null,
      payloadBytes: 0,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    procedure: ({ path, pattern }) => searchFilesProcedure({ path: path || "/", pattern }),
    output: textOutput,
    ownFields: textFields,
  }, options);
}
