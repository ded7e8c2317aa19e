import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import type { OutputCapture } from "../shell/output.ts";
import { commandArgument, timeoutArgument, wordArgument } from "../work/arguments.ts";
import {
  DEFAULT_TIMEOUT_SECONDS,
  describeUnended,
  RAW_DIGEST,
  shellProcedure,
} from "../work/shell.ts";
import type { BashResult, RunBash } from "./bash.ts";
import { defineAgentTool } from "./definition.ts";
import { agentResult, runProcedure } from "./procedure.ts";

const input = z.strictObject({
  command: commandArgument("Shell command, run by bash; its standard input is empty"),
  cwd: wordArgument("Working directory").default(""),
  timeout: timeoutArgument("Seconds after which the command is ended")
    .default(DEFAULT_TIMEOUT_SECONDS),
});

const output = z.object({
  exit_code: z.int().nullable().describe("Exit code; 128 + N if signal N ended the command"),
  stdout: z.string(),
  stderr: z.string(),
  truncated: z.boolean().describe("Whether more than 4 MiB came, and the middle is missing"),
  timed_out: z.boolean().describe("Whether the command was ended by its timeout"),
  [RAW_DIGEST]: z.string().optional().describe(
    "Of the output's bytes, where the texts do not show them all",
  ),
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
    readOnly: false,
    openWorld: true,
    run: async ({ command, cwd, timeout }, { signal, reportProgress }) => {
      const procedure = shellProcedure({ command, cwd, timeoutSeconds: timeout });
      const reply = await runProcedure(runBash, procedure, {
        withinMs: timeout * 1000,
        signal,
        reportProgress,
        describeLoss: (result, output) => describeLoss(result, timeout, output),
      });
      return agentResult(reply);
    },
  });
}

function describeLoss({ ended }: BashResult, timeout: number, output: OutputCapture): string {
  const { text } = output.text();
  if (ended === "timeout") return describeUnended(timeout, text);
  const what = "the shell that ran the command was killed; how the command ended is unknown";
  return text === "" ? what : `${what}. Its output so far:\n${text}`;
}
