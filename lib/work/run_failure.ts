import { reasonIn } from "./failure.ts";
import type { LegacyText, Reply } from "./reply.ts";
import type { ScriptRun } from "./script.ts";

/** Characters of a failed program's output that the Lua hub shows. */
const SHOWN = 200;

/** Why a script did not do all of its work, in a few words; null: it did. */
export function findRunFailure(run: ScriptRun): string | null {
  switch (run.ended) {
    case "timeout":
      return "it took too long";
    case "cancelled":
      return "cancelled";
    case "output_full":
      return "it has more output than can be given";
    case "itself":
      return run.exitCode === 0 ? null : reasonIn(run.output.text().stderr);
  }
}

/** A program that failed, in the Lua hub's words: `cat exit 1: cat: /x: No such file …`. */
export function legacyFailure(program: string, run: ScriptRun): LegacyText {
  const how = run.ended === "timeout" ? "timed out" : `exit ${run.exitCode}`;
  return { error: `${program} ${how}: ${run.output.text().text.slice(0, SHOWN)}` };
}

/** The reply of a tool that failed. */
export function failedReply(failure: string, legacy?: LegacyText): Reply {
  const reply = { text: `Error: ${failure}`, failure, structured: null };
  return legacy === undefined ? reply : { ...reply, legacy };
}
