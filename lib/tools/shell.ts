import { Buffer } from "node:buffer";
import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import type { OutputText } from "../shell/output.ts";
import { commandArgument, timeoutArgument, wordArgument } from "../work/arguments.ts";
import type { Reply } from "../work/reply.ts";
import { DEFAULT_TIMEOUT_SECONDS, shellFields, shellProcedure } from "../work/shell.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "./definition.ts";
import { keyArgument } from "./key.ts";

/** 4 MiB of output as JSON, twice, with room for escapes. */
export const MAX_SHELL_ANSWER_BYTES = 56 * 1024 * 1024;

const input = z.looseObject({
  host: hostArgument,
  command: commandArgument("Shell command or script"),
  cwd: wordArgument("Directory (default: home)").optional(),
  timeout: timeoutArgument(
    `Seconds until it is killed (default ${DEFAULT_TIMEOUT_SECONDS})`,
  ).optional(),
  key: keyArgument,
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

/** What is known of a command's run. */
export type ShellRun = z.output<typeof backendShell>;

/** What a backend, or the script over ssh, says of a command's run; null: nothing that can be read. */
export function readShellRun({ structured }: Reply): ShellRun | null {
  return structured === null ? null : backendShell.safeParse(structured).data ?? null;
}

/** `remote_shell`: runs a command, with the backend or over ssh. */
export function remoteShell(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_shell",
    title: "Run command",
    description:
      "Run a shell command on one remote host (server, machine) and wait for it: check disk " +
      "space, memory usage, uptime; restart a service, kill a process, tail " +
      "or grep a log file, install packages, deploy, reboot. " +
      "No terminal, no input: use non-interactive forms (sudo -n, apt-get -y, top -bn1). " +
      "Calls share nothing: give cwd, or cd in the command. " +
      "For work of minutes use remote_shell_bg. " +
      "Unknown outcome: it may have run, so check the host before you repeat it.",
    meta: {
      "anthropic/alwaysLoad": true,
      "anthropic/searchHint": "tail log file on host, restart nginx, disk space",
    },
    input,
    readOnly: false,
    openWorld: true,
    work: (args) => ({
      tool: "shell",
      runMs: (args.timeout ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
      payloadBytes: Buffer.byteLength(args.command),
      maxAnswerBytes: MAX_SHELL_ANSWER_BYTES,
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
  const { text, failure } = reply;
  return readShellRun(reply) ?? { ...NOTHING, stdout: failure === null ? text : "" };
}

const NOTHING = { exit_code: null, stdout: "", stderr: "", truncated: false, timed_out: false };
