import { resolve } from "node:path";
import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { quote } from "../shell/quote.ts";
import { commandArgument, wordArgument } from "../work/arguments.ts";
import { expandHome, findPathFault } from "../work/path.ts";
import { attempt, cannot, Failure } from "../work/failure.ts";
import type { RunBash } from "./bash.ts";
import { defineAgentTool } from "./definition.ts";
import { startInBackground } from "./start.ts";

const input = z.strictObject({
  command: commandArgument("Shell command, run by bash; its standard input is empty"),
  cwd: wordArgument("Working directory").default(""),
  log: wordArgument(
    "File to append stdout and stderr to, relative to cwd; default: a new private file",
  ).default(""),
});
const output = z.object({
  pid: z.int().describe("Process id and group of the command: kill -- -PID ends all of it"),
  log: z.string().describe("Absolute path of the file that gets its output"),
});

/** What `createShellBgTool()` needs. */
export interface ShellBgOptions {
  readonly runBash: RunBash;
  /** Where a relative `cwd` starts. */
  readonly home: string;
  /** Absolute path of the directory below which private logs are kept. */
  readonly stateDirectory: string;
}

/** `shell_bg`: starts a command that outlives call and agent. LMCP_ROOT does not bind it. */
export function createShellBgTool({ runBash, home, stateDirectory }: ShellBgOptions): Tool {
  return defineAgentTool({
    name: "shell_bg",
    title: "Start a background command",
    description: "Start a shell command on this machine and return at once with its process id " +
      "and the log file that gets its stdout and stderr. It goes on until it ends by itself or " +
      "is killed (shell: kill -- -PID).",
    input,
    output,
    readOnly: false,
    openWorld: true,
    run: async ({ command, cwd, log: named }, { signal }) => {
      const log = named === ""
        ? await privateLog(`${stateDirectory}/logs`)
        : resolve(home, expandHome(cwd, home), logPath(named, home));
      const prepareLog = named === "" ? `( umask 077; : >${quote(log)} ) || exit 1\n` : "";
      const pid = await startInBackground(runBash, { command, cwd, log, prepareLog, signal });
      return {
        content: [{ type: "text", text: `PID ${pid}, log ${log}` }],
        structuredContent: { pid, log },
      };
    },
  });
}

function logPath(named: string, home: string): string {
  const fault = findPathFault(named);
  if (fault !== null) throw new Failure(cannot("keep a log in", named, fault));
  return expandHome(named, home);
}

/** An unpredictable name in a directory that nobody else may enter. */
function privateLog(directory: string): Promise<string> {
  return attempt("keep a log in", directory, async () => {
    await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
    const { isDirectory, mode } = await Deno.lstat(directory);
    if (!isDirectory || ((mode ?? 0) & 0o077) !== 0) {
      throw new Failure("it is not a directory that only its owner may enter (mode 0700)");
    }
    return `${directory}/${crypto.randomUUID()}.log`;
  });
}
