import { Buffer } from "node:buffer";
import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import type { OutputText } from "../shell/output.ts";
import { commandArgument, timeoutArgument, wordArgument } from "../work/arguments.ts";
import type { Reply } from "../work/reply.ts";
import { DEFAULT_TIMEOUT_SECONDS, shellFields, shellProcedure } from "../work/shell.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "./definition.ts";

/** 4 MiB of output as JSON, twice, with room for escapes. */
const MAX_ANSWER_BYTES = 56 * 1024 * 1024;

const input = z.looseObject({
  host: hostArgument,
  command: commandArgument("Shell command"),
  cwd: wordArgument("Working directory").optional(),
  timeout: timeoutArgument("Timeout (seconds)").optional()
    .meta({ default: DEFAULT_TIMEOUT_SECONDS }),
});

/** What is known of a command's run, as `structuredContent` has it. */
const shellOutput = {
  exit_code: z.int().nullable().describe("null if it is not known"),
  stdout: z.string(),
  stderr: z.string(),
  truncated: z.boolean().describe("The middle of the output is missing"),
  timed_out: z.boolean().describe("The command was ended by its timeout"),
};

const backendShell = z.object(shellOutput);

/** `remote_shell`: runs a command, with the backend or over ssh. */
export function remoteShell(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_shell",
    title: "Run a command on a host",
    description: "Run a shell command on a fleet host. lmcp-primary with ssh fallback.",
    input,
    readOnly: false,
    openWorld: true,
    work: (args) => ({
      tool: "shell",
      runMs: (args.timeout ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
      payloadBytes: Buffer.byteLength(args.command),
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    procedure: ({ command, cwd = "", timeout = DEFAULT_TIMEOUT_SECONDS }) =>
      shellProcedure({ command, cwd, timeoutSeconds: timeout }),
    output: shellOutput,
    ownFields,
  }, options);
}

function ownFields(
  reply: Reply | null,
  partialOutput: OutputText | null,
): Record<string, unknown> {
  if (reply === null) {
    return partialOutput === null ? NOTHING : shellFields(partialOutput, null, false);
  }
  const { text, failure, structured } = reply;
  const own = structured && backendShell.safeParse(structured);
  return own?.success ? own.data : { ...NOTHING, stdout: failure === null ? text : "" };
}

const NOTHING = { exit_code: null, stdout: "", stderr: "", truncated: false, timed_out: false };
