import { z } from "zod";
import type { Clock } from "../base/time/clock.ts";
import { type CallToolResult, defineTool, errorResult, type Tool } from "../mcp/tool.ts";
import { maxCharsArgument } from "../outputs/answer_arguments.ts";
import { type Reading, readOutput } from "../outputs/read.ts";
import { PatternError } from "../outputs/search.ts";
import { stillRunning } from "../outputs/marker.ts";
import type { EndedOutput, Output } from "../outputs/shelf.ts";
import type { Outputs } from "../outputs/store.ts";
import { createSharedTurns, type Turns } from "../base/time/turns.ts";
import { within } from "../base/time/within.ts";
import { luaQuote } from "./lua_quote.ts";

/** What `remote_output` shows, and the time by which it tells for how long a call runs. */
export interface OutputOptions {
  readonly outputs: Outputs;
  readonly clock: Clock;
}

export const outputIdArgument = z.string().max(64).describe("Id that an answer has named");

const input = z.strictObject({
  id: outputIdArgument,
  offset: z.int().min(0).describe("First byte").optional(),
  tail: z.int().min(1).max(1_000_000).describe("Number of last lines").optional(),
  grep: z.string().min(1).max(1_000).describe("Only lines that match (RE2)")
    .optional(),
  context: z.int().min(0).max(100).describe("Lines around each (default 0)").optional(),
  wait: z.int().min(0).max(86_400)
    .describe("Seconds to wait while it still runs (default 0)").optional(),
  max_chars: maxCharsArgument.optional(),
});

type Args = z.output<typeof input>;

const output = z.object({
  id: z.string(),
  state: z.string().describe("running: the call goes on. ended: text has what it answered"),
  text: z.string(),
  offset: z.int().nullable().describe("Where the text begins, in bytes"),
  next_offset: z.int().nullable().describe("Where to go on; null: nothing is left"),
  size: z.int().nullable().describe("Of the whole output, in bytes"),
});

/** `remote_output`: reads answers that were cut, and waits for those of calls that go on. */
export function remoteOutput({ outputs, clock }: OutputOptions): Tool {
  const turnsOf = createSharedTurns(TURN_MS);
  return defineTool({
    name: "remote_output",
    title: "Read a long or late answer",
    description: "Get the rest of an answer that was cut, or the answer of a call that is still " +
      "running, by the id that was shown: from an offset, the last lines, or with grep. Kept for " +
      "a day.",
    input,
    output,
    readOnly: true,
    run: async (args, { principal, signal }) => {
      if (args.offset !== undefined && args.tail !== undefined) {
        return errorResult("Error: `offset` and `tail` do not go together: give one of them");
      }
      const known = outputs.find(principal, args.id);
      if (known?.kind === "running") {
        await within(known.ended, (args.wait ?? 0) * 1_000, signal);
      }
      const moment = { signal, turns: turnsOf(principal), now: clock.now() };
      return await show(outputs.find(principal, args.id), args, moment);
    },
  });
}

/** For how long one answer is read or searched before others have their turn. */
const TURN_MS = 5;

/** The answer to an id that names nothing, or nothing of the caller's. */
export function noSuchOutput(id: string): CallToolResult {
  return errorResult(
    `Error: no such output ${luaQuote(id)}: copy the id exactly. If the hub was restarted since, ` +
      "nothing is known of that call: check the host before you repeat it",
  );
}

interface Moment {
  readonly signal: AbortSignal;
  readonly turns: Turns;
  /** Monotonic, in milliseconds. */
  readonly now: number;
}

async function show(
  found: Output | null,
  args: Args,
  moment: Moment,
): Promise<CallToolResult> {
  switch (found?.kind) {
    case undefined:
      return noSuchOutput(args.id);
    case "gone":
      return errorResult(`Error: output ${luaQuote(args.id)} is gone: ${KEPT}`);
    case "running": {
      const seconds = Math.round((moment.now - found.startedAt) / 1_000);
      const text = `${
        stillRunning(args.id, args.wait || DEFAULT_WAIT)
      }\nIt began ${seconds} s ago.`;
      return result(args.id, "running", { text, offset: null, next: null, size: null });
    }
    case "ended":
      return await showEnded(found, args, moment);
  }
}

const KEPT = "answers are kept for a day, and fewer of them when they are long. " +
  "Its call has ended: repeat it only if it just reads";
const DEFAULT_WAIT = 45;

async function showEnded(
  { bytes, isError }: EndedOutput,
  args: Args,
  { signal, turns }: Moment,
): Promise<CallToolResult> {
  const { id, max_chars: maxChars = 0, ...rest } = args;
  try {
    const reading = await readOutput(bytes, { ...rest, id, maxChars, signal, turns });
    return { ...result(id, "ended", reading), isError };
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return errorResult(`Error: bad \`grep\` parameter: ${error.message}`);
  }
}

function result(id: string, state: "running" | "ended", reading: Reading): CallToolResult {
  const { text, offset, next, size } = reading;
  return {
    content: [{ type: "text", text }],
    structuredContent: { id, state, text, offset, next_offset: next, size },
  };
}
