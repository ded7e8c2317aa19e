import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { RUNS_COMMANDS } from "../mcp/annotations.ts";
import { hostArgument, textArgument } from "./arguments.ts";
import { defineRemoteTool, type RemoteToolOptions } from "./definition.ts";
import { textFields, textOutput } from "./text_fields.ts";

const MAX_ANSWER_BYTES = 1024 * 1024;

const input = z.looseObject({
  host: hostArgument,
  command: textArgument("Shell command"),
  cwd: textArgument("Working directory").optional(),
  log: textArgument("Log file path").optional(),
});

/** `remote_shell_bg`: starts a command that goes on by itself; needs the backend. */
export function remoteShellBg(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_shell_bg",
    title: "Start a background command on a host",
    description:
      "Launch a detached background command on a fleet host (Linux). Returns PID + log path immediately. Requires backend lmcp v0.5.2+.",
    input,
    annotations: RUNS_COMMANDS,
    operation: (args) => ({
      tool: "shell_bg",
      runMs: null,
      payloadBytes: args.command.length,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    ssh: null,
    output: textOutput,
    structure: textFields,
  }, options);
}
