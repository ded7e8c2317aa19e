import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { commandArgument, wordArgument } from "../work/arguments.ts";
import { newClaimId } from "../work/claims/id.ts";
import { readClaim } from "../work/claims/protocol.ts";
import { jobsBelow } from "../work/jobs/place.ts";
import { jobNameArgument, jobWaitArgument, startJobProcedure } from "../work/jobs/start.ts";
import { defineAgentTool } from "./definition.ts";
import type { JobToolOptions } from "./jobs/places.ts";
import { agentResult, runProcedure } from "./procedure.ts";

const START_SECONDS = 10;

const input = z.strictObject({
  command: commandArgument("Shell command, run by bash; its standard input is empty"),
  cwd: wordArgument("Working directory").default(""),
  log: wordArgument(
    "File to append stdout and stderr to, relative to cwd; default: a new private file",
  ).default(""),
  name: jobNameArgument.default(""),
  wait: jobWaitArgument.default(0),
});
const output = z.object({
  id: z.string().describe("Id of the job: for job_output and job_kill"),
  pid: z.int().describe("Process id and group of the command: kill -- -PID ends all of it"),
  log: z.string().describe("Absolute path of the file that gets its output"),
  state: z.string().optional().describe("Its state, if it ended within the wait"),
  exit_code: z.int().nullable().optional().describe("Its exit code, if it ended within the wait"),
});

/** `shell_bg`: starts a job, a command that outlives call and agent. LMCP_ROOT does not bind it. */
export function createShellBgTool({ runBash, stateDirectory }: JobToolOptions): Tool {
  return defineAgentTool({
    name: "shell_bg",
    title: "Start a background command",
    description: "Start a shell command on this machine and return at once with its process id " +
      "and the log file that gets its stdout and stderr. It goes on until it ends by itself or " +
      "is killed. Follow it with jobs, job_output and job_kill.",
    input,
    output,
    readOnly: false,
    openWorld: true,
    run: async ({ wait, ...job }, { signal, meta }) => {
      const procedure = startJobProcedure({
        ...job,
        preferred: null,
        place: jobsBelow(stateDirectory),
        id: readClaim(meta)?.id ?? newClaimId(),
        waitSeconds: wait,
      });
      const withinMs = (START_SECONDS + wait) * 1_000;
      return agentResult(await runProcedure(runBash, procedure, { withinMs, signal }));
    },
  });
}
