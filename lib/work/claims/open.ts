import type { Script, ScriptRun } from "../script.ts";
import type { ClaimFolder } from "./protocol.ts";
import { CLAIM_FUNCTIONS, openPlace } from "./on_host.ts";

/** A folder of claims that is ready, and who claims in it. */
export interface OpenedFolder extends ClaimFolder {
  /** When the process started, as claims have it. */
  readonly start: string;
}

/** A script that makes an agent's folder ready, for the process of that id. */
export function openScript(directory: string, pid: number): Script {
  return {
    source: `${CLAIM_FUNCTIONS}
${openPlace({ kind: "made", directory })} || { printf '%s\\n' "$why" >&2; exit 1; }
claim_process ${pid} || { echo 'its process cannot be looked up' >&2; exit 1; }
printf '%s %s %s\\n' "$n" "$b" "$k"
`,
    input: null,
    limits: { headBytes: 4_096, tailBytes: 0 },
    wholeOutput: false,
  };
}

/** Reads what an `openScript()` wrote; a text says why the folder cannot be used. */
export function readOpened(directory: string, run: ScriptRun): OpenedFolder | string {
  const { stdout, stderr } = run.output.text();
  const [, id, boot, start] = /^(\S+) (\S+) (\S+)\n$/.exec(stdout) ?? [];
  const isOpen = run.exitCode === 0 && id !== undefined && boot !== undefined &&
    start !== undefined;
  if (isOpen) return { directory, id, boot, start };
  return stderr.trim() || `exit code ${run.exitCode}`;
}
