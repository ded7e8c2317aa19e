import type { Clock } from "../../base/time/clock.ts";
import { rest } from "../../base/time/rest.ts";
import { type CallContext, type CallToolResult, errorResult } from "../../mcp/tool.ts";
import { PatternError, searchLines } from "../../outputs/search.ts";
import { shortJobId } from "../../work/jobs/id.ts";
import { jobsBeside, OWN_JOBS } from "../../work/jobs/place.ts";
import { readingIn, readJobProcedure } from "../../work/jobs/read.ts";
import {
  partFor,
  type Searching,
  showJob,
  type ShownJob,
  shownJobSchema,
  type WantedOutput,
} from "../../work/jobs/show.ts";
import { goesOn } from "../../work/jobs/state.ts";
import { lifeOf, outputText } from "../../work/jobs/words.ts";
import { findHost, type RemoteToolOptions } from "../definition.ts";
import { luaQuote } from "../lua_quote.ts";
import { type Asking, openAsking } from "./asking.ts";
import { describeFailure } from "./failure.ts";

/** A host is asked to wait no longer than this at once: a broken connection is noticed, or replaced. */
const MAX_SLICE_SECONDS = 25;
/** A host that does not wait as it was asked to is not asked again sooner. */
const LEAST_SLICE_MS = 5_000;
/** What reading may take beyond the wait. */
const READ_MS = 20_000;
/** How much of an output one call searches, and for how long. */
const MAX_SEARCHED_BYTES = 64 * 1024 * 1024;
const MAX_SEARCH_MS = 15_000;

/** Which output of which host. */
export interface JobOutput extends WantedOutput {
  readonly hostName: string;
  readonly id: string;
  readonly waitSeconds: number;
}

/** Options of showing the output of jobs. */
export interface JobOutputOptions extends RemoteToolOptions {
  readonly clock: Clock;
}

/** How long outputs are searched in turn. */
type InTurn = Pick<Searching, "turns">;

/** What is known of a job's output, for structured answers. */
export function jobFields(host: string, shown: ShownJob) {
  const { id, state, exit_code, text, offset, next_offset, size } = shown;
  return { id, host, state, exit_code, text, offset, next_offset, size };
}

/** Shows the output of a job on its host, and waits for more if that is wanted. */
export async function showOutputOfJob(
  wanted: JobOutput,
  context: CallContext,
  options: JobOutputOptions & InTurn,
): Promise<CallToolResult> {
  const { principal, signal } = context;
  const { turns } = options;
  const { hostName, grep } = wanted;
  const use = { principal, tool: "remote_output", hostName, byName: true } as const;
  const found = findHost(options.access(), use);
  if (found.kind === "refused") return errorResult(`Error: ${found.reason}`);
  const fault = grep === null ? null : await findPatternFault(grep, { signal, turns });
  if (fault !== null) return errorResult(`Error: bad \`grep\` parameter: ${fault}`);
  const uses = [{ tool: "remote_output", readOnly: true, hosts: [found.host.name] }];
  const denial = await context.confirm?.({ uses }) ?? null;
  if (denial !== null) return errorResult(`Error: ${denial}`);
  using asking = openAsking(found.host, context, options);
  const reader = new OutputReader(asking, wanted, { signal, turns, clock: options.clock });
  const shown = await reader.read();
  if (typeof shown === "string") return errorResult(`Error: ${shown}`);
  const how = `remote_output host=${luaQuote(hostName)} id="${shortJobId(shown.id)}"`;
  return {
    content: [{ type: "text", text: outputText(shown, wanted, how) }],
    structuredContent: jobFields(hostName, shown),
  };
}

async function findPatternFault(pattern: string, searching: Searching): Promise<string | null> {
  const nothing = { from: 0, context: 0, maxChars: 0 };
  try {
    await searchLines(new Uint8Array(0), { pattern, ...nothing, ...searching });
    return null;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return error.message;
  }
}

/** Reads an output by as many questions as it takes. A text says why it cannot be read. */
class OutputReader {
  readonly #asking: Asking;
  readonly #wanted: JobOutput;
  readonly #searching: Searching;
  readonly #clock: Clock;

  constructor(
    asking: Asking,
    wanted: JobOutput,
    { clock, ...searching }: Searching & { readonly clock: Clock },
  ) {
    this.#asking = asking;
    this.#wanted = wanted;
    this.#searching = searching;
    this.#clock = clock;
  }

  async read(): Promise<ShownJob | string> {
    const shown = await this.#readInTime();
    return typeof shown === "string" || this.#wanted.grep === null
      ? shown
      : await this.#searchOn(shown);
  }

  /** Waits for more than there is behind the offset, or, without one, for the end. */
  async #readInTime(): Promise<ShownJob | string> {
    const { waitSeconds, offset } = this.#wanted;
    const endsAt = this.#clock.now() + 1_000 * waitSeconds;
    for (;;) {
      const askedAt = this.#clock.now();
      const left = Math.max(0, Math.ceil((endsAt - askedAt) / 1_000));
      const shown = await this.#ask(this.#wanted, Math.min(left, MAX_SLICE_SECONDS));
      if (typeof shown === "string" || left <= MAX_SLICE_SECONDS) return shown;
      const isEnough = offset !== null && (shown.size ?? 0) > offset;
      if (isEnough || !goesOn(lifeOf(shown)) || this.#searching.signal.aborted) return shown;
      const pauseMs = askedAt + LEAST_SLICE_MS - this.#clock.now();
      await rest(pauseMs, { clock: this.#clock, signal: this.#searching.signal });
    }
  }

  /** An output is searched part by part, until the text is full, or it has taken long. */
  async #searchOn(first: ShownJob): Promise<ShownJob | string> {
    const { maxChars, tail } = this.#wanted;
    const giveUpAt = this.#clock.now() + MAX_SEARCH_MS;
    let shown = first;
    const begin = first.offset ?? first.next_offset ?? 0;
    while (tail === null && hasMore(shown) && this.#clock.now() < giveUpAt) {
      const offset = shown.next_offset ?? 0;
      const room = maxChars === 0 ? 0 : maxChars - shown.text.length;
      if (offset - begin > MAX_SEARCHED_BYTES || room < 0 || maxChars > 0 && room === 0) break;
      const next = await this.#ask({ ...this.#wanted, offset, maxChars: room }, 0);
      if (typeof next === "string") return next;
      if (next.next_offset !== null && next.next_offset <= offset) break;
      shown = join(shown, next);
    }
    return shown;
  }

  async #ask(wanted: JobOutput, waitSeconds: number): Promise<ShownJob | string> {
    const { id, offset } = wanted;
    const answered = await this.#asking.ask({
      tool: "job_output",
      args: { id, ...toArguments(wanted), wait: waitSeconds },
      readOnly: true,
      runMs: 1_000 * waitSeconds + READ_MS,
      procedure: ({ agentClaims }) =>
        readJobProcedure({
          places: [jobsBeside(agentClaims), OWN_JOBS],
          id,
          part: partFor(wanted),
          waitSeconds,
          beyond: offset,
        }),
    });
    const failure = describeFailure(answered);
    if (failure !== null || answered.kind !== "ran") return failure ?? NO_OUTPUT;
    const reading = readingIn(answered.reply);
    if (reading !== null) return await showJob(reading, wanted, this.#searching);
    const shown = shownJobSchema.safeParse(answered.reply.structured);
    return shown.success ? shown.data : NO_OUTPUT;
  }
}

const NO_OUTPUT = "the host's server has answered with something else than the output of a job";

function toArguments({ offset, tail, grep, context, maxChars }: JobOutput) {
  return {
    ...(offset === null ? {} : { offset }),
    ...(tail === null ? {} : { tail }),
    ...(grep === null ? {} : { grep, context }),
    max_chars: maxChars,
  };
}

function hasMore({ full, next_offset, size }: ShownJob): boolean {
  return !full && next_offset !== null && next_offset < (size ?? 0);
}

function join(first: ShownJob, next: ShownJob): ShownJob {
  const texts = [first.text, next.text].filter((text) => text !== "");
  const matches = (first.matches ?? 0) + (next.matches ?? 0);
  return { ...next, offset: first.offset, text: texts.join("\n"), matches };
}
