import { Buffer } from "node:buffer";
import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { commandArgument, wordArgument } from "../work/arguments.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "./definition.ts";
import { textFields, textOutput } from "./text_fields.ts";

const MAX_ANSWER_BYTES = 1024 * 1024;

const input = z.looseObject({
  host: hostArgument,
  command: commandArgument("Shell command"),
  cwd: wordArgument("Working directory").optional(),
  log: wordArgument("Log file path").optional(),
});

/** `remote_shell_bg`: starts a command that goes on by itself; needs the backend. */
export function remoteShellBg(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_shell_bg",
    title: "Start a background command on a host",
    description:
      "Launch a detached background command on a fleet host (Linux). Returns PID + log path immediately. Requires backend lmcp v0.5.2+.",
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
