import { reasonIn } from "./failure.ts";
import type { LegacyText, Reply } from "./reply.ts";
import type { ScriptRun } from "./script.ts";

/** Characters of a failed program's output that the Lua hub shows. */
const SHOWN = 200;

/** What is said of a script that was to be ended, and was not. */
export const STILL_RUNNING = "could not be ended and may still be running";

/** Why a script did not do all of its work, in a few words; null: it did. */
export function findRunFailure(run: ScriptRun): string | null {
  if (run.ended === "itself") return run.exitCode === 0 ? null : reasonIn(run.output.text().stderr);
  return run.remains ? `${WHY_ENDED[run.ended]}, but ${STILL_RUNNING}` : WHY_ENDED[run.ended];
}

const WHY_ENDED: Readonly<Record<Exclude<ScriptRun["ended"], "itself">, string>> = {
  timeout: "it took too long",
  cancelled: "cancelled",
  output_full: "it has more output than can be given",
};

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
