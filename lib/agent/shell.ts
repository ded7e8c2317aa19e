import { z } from "zod";
import { RUNS_COMMANDS } from "../mcp/annotations.ts";
import type { CallToolResult, Tool } from "../mcp/tool.ts";
import { lastLine } from "../shell/last_line.ts";
import { OutputCapture, type OutputText } from "../shell/output.ts";
import type { Ended } from "../shell/session.ts";
import { defineAgentTool } from "./agent_tool.ts";
import { wordArgument } from "./arguments.ts";
import type { RunBash } from "./bash.ts";
import { Failure } from "./failure.ts";
import { workingDirectory } from "./working_directory.ts";

const KEPT_OUTPUT = { headBytes: 512 * 1024, tailBytes: 512 * 1024 };
const DEFAULT_TIMEOUT_SECONDS = 120;
/** The longest a timer can wait: 2^31 - 1 ms, about 24 days. */
const MAX_TIMEOUT_SECONDS = 2_147_483;

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
        ...(reportProgress === null ? {} : { onOutput: tellLastLine(reportProgress) }),
      });
      const text = captured.text();
      directory.check(text.stderr);
      if (result.kind === "lost") throw new Failure(describeLoss(result.ended, timeout, text.text));
      if (result.ended === "cancelled") throw new Failure("cancelled; the command was ended");
      return shellResult(result.exitCode, text, result.ended === "timeout" ? timeout : null);
    },
  });
}

function tellLastLine(report: (line: string) => void): (bytes: Uint8Array) => void {
  return (bytes) => {
    const line = lastLine(bytes);
    if (line !== null) report(line);
  };
}

function shellResult(
  exitCode: number,
  { text, stdout, stderr, truncated }: OutputText,
  timeout: number | null,
): CallToolResult {
  const lines = `[rc=${exitCode}]\n${text}`;
  const note = timeout === null ? "" : `[timed out after ${timeout} s]`;
  return {
    content: [{
      type: "text",
      text: note === "" || lines.endsWith("\n") ? lines + note : `${lines}\n${note}`,
    }],
    structuredContent: {
      exit_code: exitCode,
      stdout,
      stderr,
      truncated,
      timed_out: timeout !== null,
    },
  };
}

function describeLoss(ended: Ended, timeout: number, text: string): string {
  const what = ended === "timeout"
    ? `timed out after ${timeout} s, and the command did not end when it was killed`
    : "the shell that ran the command was killed; how the command ended is unknown";
  return text === "" ? what : `${what}. Its output so far:\n${text}`;
}
