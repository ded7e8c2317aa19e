import { z } from "zod";
import { createTurns } from "../../base/time/turns.ts";
import { errorResult, type Tool } from "../../mcp/tool.ts";
import { PatternError } from "../../outputs/search.ts";
import { jobIdArgument, shortJobId } from "../../work/jobs/id.ts";
import { readingIn, readJobProcedure } from "../../work/jobs/read.ts";
import {
  partFor,
  showJob,
  shownJobSchema,
  TURN_MS,
  type WantedOutput,
} from "../../work/jobs/show.ts";
import { outputText } from "../../work/jobs/words.ts";
import { defineAgentTool } from "../definition.ts";
import { agentResult, runProcedure } from "../procedure.ts";
import { jobPlaces, type JobToolOptions } from "./places.ts";

/** What reading may take beyond the wait. */
const READ_MS = 20_000;
const MAX_WAIT_SECONDS = 3_600;
const DEFAULT_MAX_CHARS = 30_000;

const input = z.strictObject({
  id: jobIdArgument,
  offset: z.int().min(0).optional().describe("First byte"),
  tail: z.int().min(1).max(1_000_000).optional().describe("Number of last lines"),
  grep: z.string().min(1).max(1_000).optional().describe(
    "Only lines that match (RE2); each is shown with the byte that it begins at",
  ),
  context: z.int().min(0).max(100).default(0).describe("Lines around each"),
  wait: z.int().min(0).max(MAX_WAIT_SECONDS).default(0).describe(
    "Seconds to wait for its end, or, with offset, for more output",
  ),
  max_chars: z.int().min(0).default(DEFAULT_MAX_CHARS).describe("Longest text; 0: 1 MiB"),
});

type Args = z.output<typeof input>;

/** `job_output`: what a background command has printed, and how it ended. */
export function createJobOutputTool(options: JobToolOptions): Tool {
  const places = jobPlaces(options);
  const turns = createTurns(TURN_MS);
  return defineAgentTool({
    name: "job_output",
    title: "Read a background command's output",
    description: "Read the output of a command that was started in the background, and whether " +
      "it still runs: all of it, its last lines, from an offset on, or the lines that match.",
    input,
    output: shownJobSchema,
    readOnly: true,
    run: async (args, { signal }) => {
      if (args.offset !== undefined && args.tail !== undefined) return errorResult(NOT_BOTH);
      const { id, wait } = args;
      const wanted = wantedOf(args);
      const beyond = wanted.offset;
      const read = { places, id, part: partFor(wanted), waitSeconds: wait, beyond };
      const reply = await runProcedure(options.runBash, readJobProcedure(read), {
        withinMs: wait * 1_000 + READ_MS,
        signal,
      });
      const reading = readingIn(reply);
      if (reading === null) return agentResult(reply);
      try {
        const shown = await showJob(reading, wanted, { signal, turns });
        const text = outputText(shown, wanted, `job_output id="${shortJobId(shown.id)}"`);
        return { content: [{ type: "text", text }], structuredContent: shown };
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        return errorResult(`Error: bad \`grep\` parameter: ${error.message}`);
      }
    },
  });
}

const NOT_BOTH = "Error: `offset` and `tail` do not go together: give one of them";

function wantedOf({ offset, tail, grep, context, max_chars }: Args): WantedOutput {
  return {
    offset: offset ?? null,
    tail: tail ?? null,
    grep: grep ?? null,
    context,
    maxChars: max_chars,
  };
}
