import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { jobIdArgument } from "../../work/jobs/id.ts";
import {
  KILL_MS,
  killedJobSchema,
  killJobProcedure,
  signalArgument,
} from "../../work/jobs/kill.ts";
import { defineAgentTool } from "../definition.ts";
import { agentResult, runProcedure } from "../procedure.ts";
import { jobPlaces, type JobToolOptions } from "./places.ts";

const input = z.strictObject({
  id: jobIdArgument,
  signal: signalArgument.optional(),
  by: z.string().refine((name) => /^[\w.-]{1,64}$/.test(name), "it is no name").default("agent")
    .describe("Who wants it, for the record"),
});

/** `job_kill`: ends a background command with all its children, or sends it a signal. */
export function createJobKillTool(options: JobToolOptions): Tool {
  const places = jobPlaces(options);
  return defineAgentTool({
    name: "job_kill",
    title: "End a background command",
    description: "End a command that was started in the background, with all its children: it " +
      "is asked to (TERM), and killed after five seconds. With signal, that alone is sent.",
    input,
    output: killedJobSchema,
    readOnly: false,
    idempotent: true,
    run: async ({ id, signal: sent = null, by }, { signal }) => {
      const procedure = killJobProcedure({ places, id, signal: sent, by });
      return agentResult(
        await runProcedure(options.runBash, procedure, { withinMs: KILL_MS, signal }),
      );
    },
  });
}
