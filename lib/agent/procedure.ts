import type { CallContext, CallToolResult } from "../mcp/tool.ts";
import { errorResult } from "../mcp/tool.ts";
import { reportLastLine } from "../shell/last_line.ts";
import { OutputCapture } from "../shell/output.ts";
import { Failure } from "../work/failure.ts";
import type { Reply } from "../work/reply.ts";
import type { Procedure, Script, ScriptRun } from "../work/script.ts";
import type { BashResult, RunBash } from "./bash.ts";

/** How a procedure is run. */
export interface ProcedureOptions {
  readonly withinMs: number;
  readonly signal: AbortSignal;
  /** Called with the newest line of output; null: nobody asked for progress. */
  readonly reportProgress?: CallContext["reportProgress"];
  /** What to say where nobody knows how the script ended. */
  readonly describeLoss?: (result: BashResult, output: OutputCapture) => string;
}

/** Does a tool's work with the local bash. Throws a `Failure` unless it certainly was done. */
export async function runProcedure(
  runBash: RunBash,
  procedure: Procedure,
  options: ProcedureOptions,
): Promise<Reply> {
  const run = await runScript(runBash, procedure, options);
  using _output = run.output;
  return procedure.read(run);
}

/** The same, but its output is to be read, and disposed of. */
export async function runScript(
  runBash: RunBash,
  script: Script,
  options: ProcedureOptions,
): Promise<ScriptRun> {
  const { withinMs, signal, reportProgress = null, describeLoss = () => LOST } = options;
  const output = new OutputCapture(script.limits);
  const result = await runBash({
    script: script.source,
    input: script.input,
    output,
    stopWhenFull: script.wholeOutput,
    runWithinMs: withinMs,
    signal,
    ...(reportProgress === null
      ? {}
      : { onOutput: (bytes) => reportLastLine(bytes, reportProgress) }),
  });
  if (result.kind === "lost") throw new Failure(describeLoss(result, output));
  return { ...result, output };
}

/** A reply as the agent's own result. */
export function agentResult(reply: Reply): CallToolResult {
  if (reply.failure !== null) return errorResult(`Error: ${reply.failure}`);
  const content: CallToolResult["content"] = [{ type: "text", text: reply.text }];
  return reply.structured === null
    ? { content }
    : { content, structuredContent: { ...reply.structured } };
}

const LOST = "the shell that did it was killed";
