import { Buffer } from "node:buffer";
import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { commandArgument, wordArgument } from "../../work/arguments.ts";
import { newClaimId } from "../../work/claims/id.ts";
import { jobsBeside, OWN_JOBS } from "../../work/jobs/place.ts";
import { jobNameArgument, jobWaitArgument, startJobProcedure } from "../../work/jobs/start.ts";
import { defineRemoteTool, hostArgument, type RemoteToolOptions } from "../definition.ts";
import { keyArgument } from "../key.ts";
import { textFields, textOutput } from "../text_fields.ts";

const MAX_ANSWER_BYTES = 1024 * 1024;
/** What starting a job may take beyond the wait. */
const START_MS = 15_000;

const input = z.looseObject({
  host: hostArgument,
  command: commandArgument("Shell command or script"),
  cwd: wordArgument("Directory (default: home)").optional(),
  log: wordArgument("File for its output").optional(),
  name: jobNameArgument.optional(),
  wait: jobWaitArgument.optional(),
  key: keyArgument,
});

/** `remote_shell_bg`: starts a job, a command that goes on by itself. */
export function remoteShellBg(options: RemoteToolOptions): Tool {
  return defineRemoteTool({
    name: "remote_shell_bg",
    title: "Start job",
    description:
      "Start a long command on a remote host as a job, without waiting: build, download, backup, " +
      "migration. The log's path holds the job's id, for remote_output and remote_kill. " +
      "Unknown outcome: check remote_jobs before you repeat it.",
    meta: { "anthropic/searchHint": "long build on a machine" },
    input,
    readOnly: false,
    openWorld: true,
    work: ({ command, wait }) => ({
      tool: "shell_bg",
      runMs: wait === undefined ? null : wait * 1_000 + START_MS,
      payloadBytes: Buffer.byteLength(command),
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }),
    procedure: ({ command, cwd = "", log = "", name = "", wait = 0 }, { claimId, agentClaims }) =>
      startJobProcedure({
        preferred: jobsBeside(agentClaims),
        place: OWN_JOBS,
        id: claimId ?? newClaimId(),
        command,
        cwd,
        log,
        name,
        waitSeconds: wait,
      }),
    output: textOutput,
    ownFields: textFields,
  }, options);
}
