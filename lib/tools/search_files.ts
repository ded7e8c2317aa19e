import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { quote } from "../shell/quote.ts";
import { READS_FILES } from "../mcp/annotations.ts";
import { hostArgument, textArgument } from "./arguments.ts";
import { failedProgram } from "./failed_program.ts";
import { defineRemoteTool, type RemoteToolOptions } from "./definition.ts";
import { textFields, textOutput } from "./text_fields.ts";

const MAX_MATCHES = 200;
const MAX_MATCH_BYTES = 1024 * 1024;
const MAX_ANSWER_BYTES = 4 * MAX_MATCH_BYTES;

const input = z.looseObject({
  host: hostArgument,
  pattern: textArgument("File name pattern, as of find -name"),
  path: textArgument("Directory to search").optional().meta({ default: "/" }),
});

/** `remote_search_files`: paths whose file name matches a pattern. */
export function remoteSearchFiles(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_search_files",
    title: "Find files on a host",
    description: "find-by-pattern on a fleet host.",
    input,
    annotations: READS_FILES,
    operation: () => ({
      tool: "search_files",
      runMs: null,
      payloadBytes: 0,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    ssh: {
      procedure: (args) => ({
        script: script(args.path || "/", args.pattern),
        input: null,
        limits: { headBytes: MAX_MATCH_BYTES, tailBytes: 0 },
        wholeOutput: false,
      }),
      render: (run) =>
        run.ended === "itself"
          ? { ok: true, text: run.output.text().text }
          : failedProgram("find", run),
    },
    output: textOutput,
    structure: textFields,
  }, options);
}

/** find takes words like `-delete`, `(` and `!` for its expression wherever they stand. */
function script(path: string, pattern: string): string {
  const start = /^[-(),!]/.test(path) ? `./${path}` : path;
  return `find ${quote(start)} -name ${quote(pattern)} 2>/dev/null | head -${MAX_MATCHES}\n`;
}
