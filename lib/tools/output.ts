import { z } from "zod";
import { createSharedTurns, type Turns } from "../base/time/turns.ts";
import {
  type CallContext,
  type CallToolResult,
  defineTool,
  errorResult,
  type Tool,
} from "../mcp/tool.ts";
import { maxCharsArgument } from "../outputs/answer_arguments.ts";
import { stillRunning } from "../outputs/marker.ts";
import { type Reading, readOutput } from "../outputs/read.ts";
import { PatternError } from "../outputs/search.ts";
import type { EndedOutput, FoundOutput } from "../outputs/shelf.ts";
import type { Outputs } from "../outputs/store.ts";
import { isJobId } from "../work/jobs/id.ts";
import { TURN_MS } from "../work/jobs/show.ts";
import { hostArgument } from "./definition.ts";
import { type JobOutputOptions, showOutputOfJob } from "./jobs/output.ts";
import { luaQuote } from "./lua_quote.ts";

/** What `remote_output` shows, and the time by which it says for how long a call runs. */
export interface OutputOptions extends JobOutputOptions {
  readonly outputs: Outputs;
}

/** The `id` argument of tools that are about kept answers, running calls and jobs. */
export const outputIdArgument = z.string().max(64).describe("Id from an answer");
/** The `host` argument of tools that are for kept answers too. */
export const jobHostArgument = hostArgument.describe("Host of the job");

const input = z.strictObject({
  id: outputIdArgument,
  host: jobHostArgument.optional(),
  offset: z.int().min(0).describe("First byte").optional(),
  tail: z.int().min(1).max(1_000_000).describe("Last lines").optional(),
  grep: z.string().min(1).max(1_000).describe("Lines that match (RE2)")
    .optional(),
  context: z.int().min(0).max(100).describe("Lines around each").optional(),
  wait: z.int().min(0).max(86_400)
    .describe("Seconds to wait for the end, or for more").optional(),
  max_chars: maxCharsArgument.optional(),
});

type Args = z.output<typeof input>;

const output = z.object({
  id: z.string(),
  host: z.string().nullable().describe("null: it is of no job"),
  state: z.string().describe(
    "running, ended; of a job also starting, exited, killed, lost, rebooted, never started",
  ),
  exit_code: z.int().nullable().describe("Of a job that has ended"),
  text: z.string(),
  offset: z.int().nullable().describe("Where the text begins, in bytes"),
  next_offset: z.int().nullable().describe("Where to go on; null: nothing is left"),
  size: z.int().nullable().describe("Of the whole output, in bytes"),
});

/** `remote_output`: reads answers that were cut, waits for those of calls that go on, and shows jobs. */
export function remoteOutput(options: OutputOptions): Tool {
  const turnsOf = createSharedTurns(TURN_MS);
  return defineTool({
    name: "remote_output",
    title: "Read output",
    description: "Get the rest of an answer that was cut, the answer of a call still running, or " +
      "a job's output, state and exit code (give its host).",
    input,
    output,
    readOnly: true,
    run: (args, context) => {
      const { offset, tail, id, host } = args;
      const turns = turnsOf(context.principal);
      if (offset !== undefined && tail !== undefined) return refused(NOT_BOTH);
      if (id.startsWith("o-")) return showKept(args, context, { ...options, turns });
      if (!isJobId(id)) return Promise.resolve(noSuchOutput(id));
      if (!host) return refused(needsHost(id));
      const wanted = {
        hostName: host,
        id,
        offset: offset ?? null,
        tail: tail ?? null,
        grep: args.grep ?? null,
        context: args.context ?? 0,
        maxChars: args.max_chars ?? 0,
        waitSeconds: args.wait ?? 0,
      };
      return showOutputOfJob(wanted, context, { ...options, turns });
    },
  });
}

const NOT_BOTH = "`offset` and `tail` do not go together: give one of them";

/** What to say of the id of a job without a host. */
export function needsHost(id: string): string {
  return `${luaQuote(id)} is the id of a job: give its \`host\`, too (remote_jobs lists jobs)`;
}

function refused(reason: string): Promise<CallToolResult> {
  return Promise.resolve(errorResult(`Error: ${reason}`));
}

async function showKept(
  args: Args,
  { principal, signal }: CallContext,
  { outputs, clock, turns }: OutputOptions & { readonly turns: Turns },
): Promise<CallToolResult> {
  const known = await outputs.find(principal, args.id);
  const { wait = 0 } = args;
  const hasWaited = known?.kind === "running" && wait > 0;
  if (hasWaited) await known.waitForEnd(wait * 1_000, signal);
  const found = hasWaited ? await outputs.find(principal, args.id) : known;
  return await show(found, args, { signal, turns, now: clock.now() });
}

/** The answer to an id that names nothing, or nothing of the caller's. */
export function noSuchOutput(id: string): CallToolResult {
  return errorResult(
    `Error: no such output ${luaQuote(id)}: copy the id exactly. If the hub was restarted since, ` +
      "nothing is known of that call: check the host before you repeat it",
  );
}

/** The answer to an id that another hub alone knows, or may know. */
export function cannotTell(id: string, why: "lost" | "out of reach"): CallToolResult {
  return errorResult(
    why === "lost"
      ? `Error: the hub that runs ${luaQuote(id)} cannot be reached: it is gone, or cut off from ` +
        "the others. Whether the call had an effect is unknown: check the host before you repeat it"
      : `Error: this hub does not know ${luaQuote(id)}; another one may, but NATS cannot be ` +
        "reached now. Ask again later, and do not run it again",
  );
}

interface Moment {
  readonly signal: AbortSignal;
  readonly turns: Turns;
  /** Monotonic, in milliseconds. */
  readonly now: number;
}

async function show(
  found: FoundOutput | null,
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
      const marker = stillRunning(args.id, args.wait || DEFAULT_WAIT);
      const state = found.state?.() ?? null;
      const text = `${marker}\nIt began ${seconds} s ago${state === null ? "." : `: ${state}`}`;
      return result(args.id, "running", { text, offset: null, next: null, size: null });
    }
    case "lost":
    case "out of reach":
      return cannotTell(args.id, found.kind);
    case "ended":
      return await showEnded(found, args, moment);
  }
}

const KEPT = "answers are kept for a day, and fewer of them when they are long. " +
  "Its call has ended: repeat it only if it just reads";
const DEFAULT_WAIT = 45;

async function showEnded(
  answer: EndedOutput,
  { id, offset, tail, grep, context, max_chars: maxChars = 0 }: Args,
  { signal, turns }: Moment,
): Promise<CallToolResult> {
  // It may have to make room for others meanwhile.
  using reading = answer.read();
  try {
    const wanted = { id, offset, tail, grep, context, maxChars, signal, turns };
    const { isError } = answer;
    return { ...result(id, "ended", await readOutput(reading.bytes, wanted)), isError };
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return errorResult(`Error: bad \`grep\` parameter: ${error.message}`);
  }
}

function result(id: string, state: "running" | "ended", reading: Reading): CallToolResult {
  const { text, offset, next, size } = reading;
  const kept = { id, host: null, state, exit_code: null };
  return {
    content: [{ type: "text", text }],
    structuredContent: { ...kept, text, offset, next_offset: next, size },
  };
}
