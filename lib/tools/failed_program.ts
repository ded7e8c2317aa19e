import type { SshRun } from "../fleet/ssh/client.ts";
import type { SshText } from "./result.ts";

/** Characters of a failed program's output that stand in the error. */
const SHOWN = 200;

/** A program that failed, in the Lua hub's words: `cat exit 1: cat: /x: No such file …`. */
export function failedProgram(program: string, run: SshRun): SshText & { ok: false } {
  const said = run.output.text().text.slice(0, SHOWN);
  const how = run.ended === "timeout" ? "timed out" : `exit ${run.exitCode}`;
  return { ok: false, error: `${program} ${how}: ${said}` };
}
