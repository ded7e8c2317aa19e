import type { Work } from "../../fleet/transport.ts";
import { shellProcedure } from "../../work/shell.ts";
import { MAX_SHELL_ANSWER_BYTES } from "../shell.ts";

/** A command for each host. */
export interface HostCommand {
  readonly command: string;
  /** Undefined: where the transport starts. */
  readonly cwd: string | undefined;
  readonly timeoutSeconds: number;
}

/** The work that runs a command on a host, as `remote_shell` does. */
export function commandWork({ command, cwd, timeoutSeconds }: HostCommand): Work {
  return {
    tool: "shell",
    args: { command, ...(cwd === undefined ? {} : { cwd }), timeout: timeoutSeconds },
    declared: ["command", "cwd", "timeout"],
    readOnly: false,
    runMs: timeoutSeconds * 1_000,
    payloadBytes: 0,
    maxAnswerBytes: MAX_SHELL_ANSWER_BYTES,
    procedure: () => shellProcedure({ command, cwd: cwd ?? "", timeoutSeconds }),
  };
}
