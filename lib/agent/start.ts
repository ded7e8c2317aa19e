import { OutputCapture } from "../shell/output.ts";
import { quote } from "../shell/quote.ts";
import { Failure, reasonIn } from "../work/failure.ts";
import { workingDirectory } from "../work/cwd.ts";
import type { RunBash } from "./bash.ts";

const START_SECONDS = 10;
const LIMITS = { headBytes: 4096, tailBytes: 4096 };

/** A command to start in the background. */
export interface BackgroundCommand {
  readonly command: string;
  /** Working directory; empty: the agent's. */
  readonly cwd: string;
  /** Absolute path of the file that its output is appended to. */
  readonly log: string;
  /** Shell text that runs before the log is opened; where it fails, nothing is started. */
  readonly prepareLog: string;
  readonly signal: AbortSignal;
}

/** Starts a command that outlives this process; returns its process id. Throws a `Failure`. */
export async function startInBackground(
  runBash: RunBash,
  { command, cwd, log, prepareLog, signal }: BackgroundCommand,
): Promise<number> {
  const directory = workingDirectory(cwd);
  const output = new OutputCapture(LIMITS);
  const result = await runBash({
    script: directory.enter + prepareLog + detach(command, log),
    output,
    runWithinMs: START_SECONDS * 1000,
    signal,
  });
  const { stdout, stderr } = output.text();
  const failure = directory.findFailure(stderr);
  if (failure !== null) throw new Failure(failure);
  const pid = Number.parseInt(stdout);
  if (pid > 0) return pid;
  if (result.kind === "lost" || result.ended !== "itself") {
    throw new Failure(
      `cannot tell whether the command was started: it did not report within ${START_SECONDS} s`,
    );
  }
  throw new Failure(
    `cannot start the command with log ${JSON.stringify(log)}: ${reasonIn(stderr)}`,
  );
}

/**
 * The command's bash reports its own process id once it leads its own session (or process group,
 * where there is no `setsid`), out of reach of the frame that ends this script's group, and has read
 * the command whole. Then it lets go of the report's pipe, for the end of which `$(…)` waits. The
 * command comes through a pipe, ended by a NUL character, so that neither its length nor a full
 * `/tmp` matters.
 */
function detach(command: string, log: string): string {
  return `exec 7>>${quote(log)} || exit 1
s=${quote(command)}
pid=$(
  printf '%s\\n\\0' "$s" | {
    exec 6<&0 </dev/null
    set -m
    command -v setsid >/dev/null && leader=setsid || leader=
    $leader nohup bash --norc -c '
      TMOUT= read -r -d "" <&6 || exit
      echo "$$"
      exec >&7 2>&1 6<&- 7>&-
      eval "unset -v REPLY; \${REPLY%?}"
    ' &
  }
)
echo "$pid"
`;
}
