import { findRunFailure } from "../run_failure.ts";
import type { ScriptRun } from "../script.ts";
import { EXIT } from "./on_host.ts";

/** Why a script has not found a job, or could not do what it was to do with it; null: it did. */
export function findJobFailure(run: ScriptRun, id: string): string | null {
  if (run.ended !== "itself") return findRunFailure(run);
  switch (run.exitCode) {
    case EXIT.absent:
      return `no such job ${JSON.stringify(id)}`;
    case EXIT.closed:
      return `no such job ${JSON.stringify(id)} that this user may see; ${HIDDEN}`;
    case EXIT.ambiguous:
      return `several jobs begin with ${JSON.stringify(id)}`;
    default:
      return findRunFailure(run);
  }
}

/** What to say where an agent's jobs are another user's. */
export const HIDDEN = "those of the agent there are seen by its own user and by root alone";
