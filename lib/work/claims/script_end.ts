import type { OutputCapture } from "../../shell/output.ts";
import type { Reply } from "../reply.ts";
import type { Procedure, ScriptRun } from "../script.ts";
import type { ScriptEnd } from "./found.ts";

/** Reads how a script ended whose answer was lost, with what came of its output before. */
export function readScriptEnd(
  { read, readCutOff = read }: Procedure,
  { exitCode, wasEnded, remains }: ScriptEnd,
  output: OutputCapture,
): Reply {
  const run: ScriptRun = {
    exitCode,
    ended: wasEnded ? "cancelled" : "itself",
    ...(remains ? { remains } : {}),
    output,
  };
  return readCutOff(run);
}
