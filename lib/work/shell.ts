import { createHash } from "node:crypto";
import type { OutputText } from "../shell/output.ts";
import type { Reply } from "./reply.ts";
import { failedReply, STILL_RUNNING } from "./run_failure.ts";
import type { Procedure, ScriptRun } from "./script.ts";
import { type WorkingDirectory, workingDirectory } from "./cwd.ts";

/** How long a command may run if its caller does not say. */
export const DEFAULT_TIMEOUT_SECONDS = 120;
/** The longest a timer can wait: 2^31 - 1 ms, about 24 days. */
export const MAX_TIMEOUT_SECONDS = 2_147_483;
/** 4 MiB of a command's output are kept: its beginning and its end. */
const LIMITS = { headBytes: 2 * 1024 * 1024, tailBytes: 2 * 1024 * 1024 } as const;

/** A command, and how it is to be run. */
export interface ShellCommand {
  readonly command: string;
  /** Working directory; empty: where the transport starts. */
  readonly cwd: string;
  readonly timeoutSeconds: number;
}

/** Runs a command: `shell` of the agent, `remote_shell` over ssh. */
export function shellProcedure({ command, cwd, timeoutSeconds }: ShellCommand): Procedure {
  const directory = workingDirectory(cwd);
  return {
    source: `${directory.enter}${command}\n`,
    input: null,
    limits: LIMITS,
    wholeOutput: false,
    read: (run) => readShellRun(run, directory, timeoutSeconds),
    readCutOff,
  };
}

/** What is known of a command whose connection was lost before all of its output had come. */
function readCutOff({ exitCode, ended, remains, output }: ScriptRun): Reply {
  const known = output.text();
  const { text } = known;
  const structured = shellFields({ ...known, truncated: true }, exitCode, false);
  if (ended !== "itself") {
    const what = `the connection was lost, and the command ${
      remains ? STILL_RUNNING : "was ended"
    }`;
    const failure = text === "" ? what : `${what}. Its output so far:\n${text}`;
    return { ...failedReply(failure), structured };
  }
  const lines = shellText(exitCode, text, null);
  const separator = lines.endsWith("\n") ? "" : "\n";
  return {
    text: `${lines}${separator}[the connection was lost: the end of the output may be missing]`,
    failure: null,
    structured,
  };
}

/** What is known of a command, as structured answers have it; `exitCode` is null if it is not known. */
export function shellFields(
  { stdout, stderr, truncated }: OutputText,
  exitCode: number | null,
  timedOut: boolean,
) {
  return { exit_code: exitCode, stdout, stderr, truncated, timed_out: timedOut };
}

/** Name of the field of structured answers in which outputs differ that look alike as text. */
export const RAW_DIGEST = "raw_sha256";

/** The digest of output that its text does not show: it is no UTF-8, or its middle is missing. */
function rawDigest(
  { output }: ScriptRun,
  { text, truncated }: OutputText,
): { readonly [RAW_DIGEST]?: string } {
  if (!truncated && !text.includes("\ufffd")) return {};
  const hash = createHash("sha256");
  for (const stream of ["stdout", "stderr"] as const) {
    for (const part of output.parts(stream)) hash.update(part);
    hash.update(`\0${stream} ${output.checksum(stream)}\0`);
  }
  return { [RAW_DIGEST]: hash.digest("hex") };
}

/** What is known of a command that its timeout did not end; `text` is its output so far. */
export function describeUnended(timeoutSeconds: number, text: string): string {
  const what = `timed out after ${timeoutSeconds} s, but the command ${STILL_RUNNING}`;
  return text === "" ? what : `${what}. Its output so far:\n${text}`;
}

function readShellRun(
  run: ScriptRun,
  directory: WorkingDirectory,
  timeoutSeconds: number,
): Reply {
  const output = run.output.text();
  const failure = directory.findFailure(output.stderr);
  if (failure !== null) {
    // The Lua hub shows what `cd` wrote, as if the command had.
    const text = output.text.slice(0, -directory.sign.length);
    return failedReply(failure, { answer: shellText(run.exitCode, text, null) });
  }
  if (run.ended === "cancelled") {
    return failedReply(`cancelled; the command ${run.remains ? STILL_RUNNING : "was ended"}`);
  }
  const timedOut = run.ended === "timeout";
  if (timedOut && run.remains) return failedReply(describeUnended(timeoutSeconds, output.text));
  return {
    text: shellText(run.exitCode, output.text, timedOut ? timeoutSeconds : null),
    failure: null,
    structured: { ...shellFields(output, run.exitCode, timedOut), ...rawDigest(run, output) },
  };
}

/** The text of the answer; `timedOutAfter` is the timeout in seconds that ended the command. */
function shellText(exitCode: number, text: string, timedOutAfter: number | null): string {
  const lines = `[rc=${exitCode}]\n${text}`;
  if (timedOutAfter === null) return lines;
  const separator = lines.endsWith("\n") ? "" : "\n";
  return `${lines}${separator}[timed out after ${timedOutAfter} s]`;
}
