import { z } from "zod";
import type { SshRun } from "../fleet/ssh/client.ts";
import type { Tool } from "../mcp/tool.ts";
import {
  DEFAULT_TIMEOUT_SECONDS,
  KEPT_OUTPUT,
  MAX_TIMEOUT_SECONDS,
  shellFields,
  shellText,
} from "../work/shell.ts";
import { RUNS_COMMANDS } from "../mcp/annotations.ts";
import { hostArgument, textArgument } from "./arguments.ts";
import { defineRemoteTool, type RemoteToolOptions } from "./definition.ts";
import { quotePath } from "../shell/quote.ts";
import type { Evidence, SshText } from "./result.ts";

/** 1 MiB of output as JSON, twice, with room for escapes. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

const input = z.looseObject({
  host: hostArgument,
  command: textArgument("Shell command"),
  cwd: textArgument("Working directory").optional(),
  timeout: z.int().positive().max(MAX_TIMEOUT_SECONDS, `it is above ${MAX_TIMEOUT_SECONDS} s`)
    .optional()
    .describe("Timeout (seconds)")
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
    annotations: RUNS_COMMANDS,
    operation: (args) => ({
      tool: "shell",
      runMs: (args.timeout ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
      payloadBytes: args.command.length,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    ssh: {
      procedure: (args) => ({
        script: script(args.command, args.cwd),
        input: null,
        limits: KEPT_OUTPUT,
        wholeOutput: false,
      }),
      render: (run, args) => renderRun(run, args.timeout ?? DEFAULT_TIMEOUT_SECONDS),
    },
    output: shellOutput,
    structure,
  }, options);
}

/** A directory that cannot be entered ends the script: the command must not run elsewhere. */
function script(command: string, cwd: string | undefined): string {
  if (cwd === undefined || cwd === "") return `${command}\n`;
  return `CDPATH= cd -- ${quotePath(cwd)} || exit\n${command}\n`;
}

function renderRun(run: SshRun, timeoutSeconds: number): SshText {
  const timedOutAfter = run.ended === "timeout" ? timeoutSeconds : null;
  return { ok: true, text: shellText(run.exitCode, run.output.text(), timedOutAfter) };
}

function structure(evidence: Evidence): Record<string, unknown> {
  switch (evidence.kind) {
    case "lmcp": {
      const { structured, isError, text } = evidence.reply;
      const own = structured && backendShell.safeParse(structured);
      return own?.success ? own.data : { ...NOTHING, stdout: isError ? "" : text };
    }
    case "ssh": {
      const { exitCode, ended, output } = evidence.run;
      return shellFields(output.text(), exitCode, ended === "timeout");
    }
    case "none":
      return evidence.output === null ? NOTHING : shellFields(evidence.output.text(), null, false);
  }
}

const NOTHING = { exit_code: null, stdout: "", stderr: "", truncated: false, timed_out: false };
