import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { jobListSchema, listJobsProcedure } from "../../work/jobs/list.ts";
import { jobStateArgument } from "../../work/jobs/state.ts";
import { listText } from "../../work/jobs/words.ts";
import { defineAgentTool } from "../definition.ts";
import { agentResult, runProcedure } from "../procedure.ts";
import { jobPlaces, type JobToolOptions } from "./places.ts";

const LIST_MS = 30_000;

const input = z.strictObject({ state: jobStateArgument.optional() });

/** `jobs`: the commands that were started in the background, by whichever way. */
export function createJobsTool(options: JobToolOptions): Tool {
  const places = jobPlaces(options);
  return defineAgentTool({
    name: "jobs",
    title: "List background commands",
    description: "List the commands that were started in the background on this machine, the " +
      "newest first: id, state, exit code, age, name. They are kept for a week after their end.",
    input,
    output: jobListSchema,
    readOnly: true,
    run: async ({ state = null }, { signal }) => {
      const procedure = listJobsProcedure({ places, state });
      const reply = await runProcedure(options.runBash, procedure, { withinMs: LIST_MS, signal });
      const list = jobListSchema.safeParse(reply.structured);
      return agentResult(list.success ? { ...reply, text: listText(list.data) } : reply);
    },
  });
}
