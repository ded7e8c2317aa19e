import { z } from "zod";
import type { SshRun } from "../fleet/ssh/client.ts";
import type { Tool } from "../mcp/tool.ts";
import { READS_FILES } from "../mcp/annotations.ts";
import { hostArgument, textArgument } from "./arguments.ts";
import { defineRemoteTool, type RemoteToolOptions } from "./definition.ts";
import { quotePath } from "../shell/quote.ts";
import { failedProgram } from "./failed_program.ts";
import { textFields, textOutput } from "./text_fields.ts";
import type { SshText } from "./result.ts";

const MIB = 1024 * 1024;
/** A file is given whole or not at all. */
const MAX_FILE_BYTES = 32 * MIB;
/** A file of that size as JSON, where most text needs few escapes. */
const MAX_ANSWER_BYTES = 80 * MIB;

const input = z.looseObject({ host: hostArgument, path: textArgument("File path") });

/** `remote_read_file`: gives a text file of up to 32 MiB, whole. */
export function remoteReadFile(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_read_file",
    title: "Read a file on a host",
    description: "Read a file from a fleet host.",
    input,
    annotations: READS_FILES,
    operation: () => ({
      tool: "read_file",
      runMs: null,
      payloadBytes: 0,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    ssh: {
      procedure: (args) => ({
        script: `cat -- ${quotePath(args.path)}\n`,
        input: null,
        limits: { headBytes: MAX_FILE_BYTES, tailBytes: 0 },
        wholeOutput: true,
      }),
      render: render,
    },
    output: textOutput,
    structure: textFields,
  }, options);
}

function render(run: SshRun): SshText {
  if (run.ended === "output_full") {
    const limit = MAX_FILE_BYTES / MIB;
    return {
      ok: false,
      error: `file larger than ${limit} MiB: read a part with remote_shell (head, tail, sed -n)`,
    };
  }
  if (run.ended !== "itself" || run.exitCode !== 0) return failedProgram("cat", run);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(run.output.bytes("stdout"));
    return { ok: true, text };
  } catch {
    return { ok: false, error: "file is not UTF-8 text: read it with remote_shell (base64)" };
  }
}
