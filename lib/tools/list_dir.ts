import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { READS_FILES } from "../mcp/annotations.ts";
import { hostArgument, textArgument } from "./arguments.ts";
import { failedProgram } from "./failed_program.ts";
import { defineRemoteTool, type RemoteToolOptions } from "./definition.ts";
import { quotePath } from "../shell/quote.ts";
import { textFields, textOutput } from "./text_fields.ts";

const MAX_LIST_BYTES = 4 * 1024 * 1024;
const MAX_ANSWER_BYTES = 4 * MAX_LIST_BYTES;

const input = z.looseObject({
  host: hostArgument,
  path: textArgument("Directory").optional().meta({ default: "." }),
});

/** `remote_list_dir`: names in a directory. */
export function remoteListDir(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_list_dir",
    title: "List a directory on a host",
    description: "List directory entries on a fleet host.",
    input,
    annotations: READS_FILES,
    operation: () => ({
      tool: "list_dir",
      runMs: null,
      payloadBytes: 0,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    ssh: {
      procedure: (args) => ({
        script: `ls -1 -- ${quotePath(args.path ?? ".")}\n`,
        input: null,
        limits: { headBytes: MAX_LIST_BYTES / 2, tailBytes: MAX_LIST_BYTES / 2 },
        wholeOutput: false,
      }),
      render: (run) =>
        run.ended === "itself" && run.exitCode === 0
          ? { ok: true, text: run.output.text().text }
          : failedProgram("ls", run),
    },
    output: textOutput,
    structure: textFields,
  }, options);
}
