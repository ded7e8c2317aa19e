import { z } from "zod";
import { RUNS_COMMANDS } from "../mcp/annotations.ts";
import type { Tool } from "../mcp/tool.ts";
import { tellLastLine } from "../shell/last_line.ts";
import { OutputCapture } from "../shell/output.ts";
import type { Ended } from "../shell/session.ts";
import {
  DEFAULT_TIMEOUT_SECONDS,
  KEPT_OUTPUT,
  MAX_TIMEOUT_SECONDS,
  shellFields,
  shellText,
} from "../work/shell.ts";
import { defineAgentTool } from "./definition.ts";
import { wordArgument } from "./arguments.ts";
import type { RunBash } from "./bash.ts";
import { Failure } from "../work/failure.ts";
import { workingDirectory } from "../work/working_directory.ts";

const input = z.strictObject({
  command: wordArgument("Shell command, run by bash; its standard input is empty"),
  cwd: wordArgument("Working directory").default(""),
  timeout: z.number().positive("it is not above 0")
    .max(MAX_TIMEOUT_SECONDS, "it is above 2147483 s")
    .describe("Seconds after which the command is ended")
    .default(DEFAULT_TIMEOUT_SECONDS),
});

const output = z.object({
  exit_code: z.int().nullable().describe("Exit code; 128 + N if signal N ended the command"),
  stdout: z.string(),
  stderr: z.string(),
  truncated: z.boolean().describe("Whether more than 1 MiB came, and the middle is missing"),
  timed_out: z.boolean().describe("Whether the command was ended by its timeout"),
});

/** `shell`: runs a command to its end, in a process group of its own. LMCP_ROOT does not bind it. */
export function createShellTool(runBash: RunBash): Tool {
  return defineAgentTool({
    name: "shell",
    title: "Run a shell command",
    description: "Run a shell command on this machine and wait for it. Gives its exit code, " +
      "stdout and stderr. It and all its children are ended at the timeout or when the call is " +
      "cancelled; use shell_bg for what must go on.",
    input,
    output,
    annotations: RUNS_COMMANDS,
    run: async ({ command, cwd, timeout }, { signal, reportProgress }) => {
      const directory = workingDirectory(cwd);
      const captured = new OutputCapture(KEPT_OUTPUT);
      const result = await runBash({
        script: directory.enter + command,
        output: captured,
        runWithinMs: timeout * 1000,
        signal,
        ...(reportProgress === null
          ? {}
          : { onOutput: (bytes) => tellLastLine(bytes, reportProgress) }),
      });
      const text = captured.text();
      directory.check(text.stderr);
      if (result.kind === "lost") throw new Failure(describeLoss(result.ended, timeout, text.text));
      if (result.ended === "cancelled") throw new Failure("cancelled; the command was ended");
      const isTimedOut = result.ended === "timeout";
      return {
        content: [{
          type: "text",
          text: shellText(result.exitCode, text, isTimedOut ? timeout : null),
        }],
        structuredContent: shellFields(text, result.exitCode, isTimedOut),
      };
    },
  });
}

function describeLoss(ended: Ended, timeout: number, text: string): string {
  const what = ended === "timeout"
    ? `timed out after ${timeout} s, and the command did not end when it was killed`
    : "the shell that ran the command was killed; how the command ended is unknown";
  return text === "" ? what : `${what}. Its output so far:\n${text}`;
}
