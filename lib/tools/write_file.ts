import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { REPLACES_FILES } from "../mcp/annotations.ts";
import { hostArgument, textArgument } from "./arguments.ts";
import { failedProgram } from "./failed_program.ts";
import { defineRemoteTool, type RemoteToolOptions } from "./definition.ts";
import { textFields, textOutput } from "./text_fields.ts";
import { writeScript } from "../work/write_script.ts";

const MAX_ANSWER_BYTES = 1024 * 1024;
/** What the script may say: an error message. */
const OUTPUT = { headBytes: 64 * 1024, tailBytes: 0 };

const input = z.looseObject({
  host: hostArgument,
  path: textArgument("File path"),
  content: z.string().describe("The whole new content"),
});

/** `remote_write_file`: replaces a file's content, all of it or nothing. */
export function remoteWriteFile(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_write_file",
    title: "Write a file on a host",
    description: "Write content to a file on a fleet host.",
    input,
    annotations: REPLACES_FILES,
    operation: (args) => ({
      tool: "write_file",
      runMs: null,
      payloadBytes: args.content.length,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    ssh: {
      procedure: (args) => {
        const content = new TextEncoder().encode(args.content);
        return {
          script: writeScript(args.path, content.length),
          input: content,
          limits: OUTPUT,
          wholeOutput: false,
        };
      },
      render: (run, args) => {
        if (run.exitCode !== 0) return failedProgram("write", run);
        const bytes = new TextEncoder().encode(args.content).length;
        return { ok: true, text: `Written ${bytes} bytes to ${args.path} (via ssh)` };
      },
    },
    output: textOutput,
    structure: textFields,
  }, options);
}
