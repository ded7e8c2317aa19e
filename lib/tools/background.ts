import { Buffer } from "node:buffer";
import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { commandArgument, wordArgument } from "../work/arguments.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "./definition.ts";
import { keyArgument } from "./key.ts";
import { textFields, textOutput } from "./text_fields.ts";

const MAX_ANSWER_BYTES = 1024 * 1024;

const input = z.looseObject({
  host: hostArgument,
  command: commandArgument("Shell command or script"),
  cwd: wordArgument("Working directory (default: home)").optional(),
  log: wordArgument("File for the output (default: a new one)").optional(),
  key: keyArgument,
});

/** `remote_shell_bg`: starts a command that goes on by itself; needs the backend. */
export function remoteShellBg(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_shell_bg",
    title: "Start remote job",
    description:
      "Start a long command on a remote host and return at once with its PID and log file: " +
      "build, download, backup, migration. It goes on after the call. Follow and end it with " +
      "remote_shell (tail, ps, kill). Not where via=ssh. Unknown outcome: it may have " +
      "started, so check before you repeat it.",
    meta: { "anthropic/searchHint": "start a long build on a machine in the background" },
    input,
    readOnly: false,
    openWorld: true,
    work: (args) => ({
      tool: "shell_bg",
      runMs: null,
      payloadBytes: Buffer.byteLength(args.command),
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    procedure: null,
    output: textOutput,
    ownFields: textFields,
  }, options);
}
