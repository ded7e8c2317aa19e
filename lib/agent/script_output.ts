import { OutputCapture } from "../shell/output.ts";
import type { BashResult, RunBash } from "./bash.ts";
import { Failure, reasonIn } from "../work/failure.ts";

/** Options of `readScriptOutput()`. */
export interface ScriptOutputOptions {
  readonly script: string;
  readonly maxBytes: number;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/**
 * What a script wrote to stdout, all of it. Throws a `Failure`: for an exit code other than 0 with
 * the reason that it gave on stderr; and for more than `maxBytes`, for no end in time, and the like.
 */
export async function readScriptOutput(
  runBash: RunBash,
  { script, maxBytes, withinMs, signal }: ScriptOutputOptions,
): Promise<Uint8Array> {
  const output = new OutputCapture({ headBytes: maxBytes, tailBytes: 0 });
  const result = await runBash({
    script,
    output,
    stopWhenFull: true,
    runWithinMs: withinMs,
    signal,
  });
  if (output.truncated) throw new Failure(`more than ${maxBytes} bytes came`);
  if (result.ended === "timeout") throw new Failure(`no end within ${withinMs / 1000} s`);
  checkFinished(result, output);
  return output.bytes("stdout");
}

/** Throws a `Failure` if a script was cancelled, lost, or says by its exit code that it failed. */
export function checkFinished(result: BashResult, output: OutputCapture): void {
  if (result.ended === "cancelled") throw new Failure("cancelled");
  if (result.kind === "lost") throw new Failure("the shell that did it was killed");
  if (result.exitCode !== 0) throw new Failure(reasonIn(output.text().stderr));
}
