import type { Pause } from "../base/bursts.ts";
import type { Clock } from "../base/time/clock.ts";
import { isJsonObject, type JsonObject } from "../mcp/message.ts";
import type { ResultProfile } from "../mcp/profile.ts";
import type { CallToolResult, ShorterAnswer, Tool } from "../mcp/tool.ts";
import { type AnswerArgument, withAnswerArguments } from "./answer_arguments.ts";
import { cutText } from "./cut.ts";
import { answerInTime } from "./late.ts";
import { joinCut, joinCutField, wholeAnswer } from "./marker.ts";
import type { Outputs } from "./store.ts";
import { type ReadableContent, readContent } from "./text.ts";

/** To cut and keep a longer text takes a while. */
const LONG_CHARS = 1024 * 1024;

/** How models are answered if they do not say. */
export interface AnswerSettings {
  /** Characters of an answer's text; 0: all. */
  readonly maxChars: number;
  /** How long a call may take that asks for no progress; 0: for ever. */
  readonly waitMs: number;
}

/** What answers are made with. */
export interface PresentOptions {
  readonly outputs: Outputs;
  readonly settings: AnswerSettings;
  readonly clock: Clock;
}

/** What a tool has of its own to be short for models. */
export interface OwnCut {
  /** What it is called with unless nothing is to be cut. */
  readonly limit: (args: JsonObject) => JsonObject;
  /** Its answer, cut in its own way; null: as all answers are cut. */
  readonly cut: (result: CallToolResult, maxChars: number) => CallToolResult | null;
}

/**
 * A tool as a profile has it. For models: one text, complete on its own, which is cut where it is long
 * and replaced by "still running" where it is late. For programs: the whole answer, with its structure.
 */
export function presentTool(
  tool: Tool,
  profile: ResultProfile,
  { names, own = null, ...options }: PresentOptions & {
    /** The further arguments that the tool takes. */
    readonly names: readonly AnswerArgument[];
    readonly own?: OwnCut | null;
  },
): Tool {
  return profile === "text"
    ? presentAsText(tool, names, { ...options, own })
    : presentStructured(tool, names.filter((name) => name !== "wait"), options);
}

/** The tool that shows kept answers, as a profile has it: it cuts, and waits, by itself. */
export function presentOutput(
  tool: Tool,
  profile: ResultProfile,
  { maxChars }: AnswerSettings,
): Tool {
  if (profile === "structured") return tool;
  const { outputSchema: _, ...unstructured } = tool;
  return {
    ...unstructured,
    call: async ({ max_chars: wish, ...args }, context) =>
      withoutStructure(await tool.call({ ...args, max_chars: wish ?? maxChars }, context)),
  };
}

function presentAsText(
  tool: Tool,
  names: readonly AnswerArgument[],
  { settings, outputs, clock, own }: PresentOptions & { readonly own: OwnCut | null },
): Tool {
  const { outputSchema: _, ...unstructured } = tool;
  return withAnswerArguments(
    unstructured,
    names,
    async function callForModel(args, wishes, context) {
      const waitMs = wishes.wait === undefined
        ? context.reportProgress === null ? settings.waitMs : 0
        : wishes.wait * 1_000;
      let [state, shorter]: [string | null, ShorterAnswer | null] = [null, null];
      const maxChars = wishes.max_chars ?? settings.maxChars;
      const isCut = own !== null && maxChars > 0;
      const running = tool.call(isCut ? own.limit(args) : args, {
        ...context,
        noteState: (newest) => state = newest,
        offerShorter: (answer) => shorter = answer,
      });
      const late = { outputs, clock, waitMs, state: () => state };
      const result = await answerInTime(running, context, late);
      const cut = isCut ? own.cut(result, maxChars) : null;
      if (cut !== null) return withoutStructure(cut);
      const keep: Keep = (text) =>
        outputs.keep(context.principal, text, { isError: result.isError === true });
      return await cutContent(withoutStructure(result), {
        maxChars,
        keep,
        pause: context.room.pause,
        shorter,
      });
    },
  );
}

function presentStructured(
  tool: Tool,
  names: readonly AnswerArgument[],
  { outputs }: PresentOptions,
): Tool {
  return withAnswerArguments(tool, names, async function callForProgram(args, wishes, context) {
    let shorter: ShorterAnswer | null = null;
    const result = await tool.call(args, { ...context, offerShorter: (offer) => shorter = offer });
    const { max_chars: maxChars = 0 } = wishes;
    if (maxChars === 0) return result;
    const keep: Keep = (text) =>
      outputs.keep(context.principal, text, { isError: result.isError === true });
    return await cutContent(cutStructure(result, maxChars, shorter), {
      maxChars,
      keep,
      pause: context.room.pause,
      shorter,
    });
  });
}

/** Keeps a whole text, and returns its id; null: it is larger than may be. */
type Keep = (text: string) => string | null | Promise<string | null>;

/** How a text is cut. */
interface CutOptions {
  readonly maxChars: number;
  readonly keep: Keep;
  /** Waited for before what takes a while. */
  readonly pause: Pause;
  /** How the tool itself would cut it; null: it leaves that to others. */
  readonly shorter: ShorterAnswer | null;
}

/** One text, cut where it is longer than it may be, and what is no text as it is. */
function cutContent(
  result: CallToolResult,
  options: CutOptions,
): CallToolResult | Promise<CallToolResult> {
  const { text, others } = readContent(result);
  if (text === null) return result;
  const { maxChars } = options;
  if (maxChars > 0 && text.length > maxChars) return cutLong(result, { text, others }, options);
  return { ...result, content: [{ type: "text", text }, ...others] };
}

async function cutLong(
  result: CallToolResult,
  { text, others }: ReadableContent & { readonly text: string },
  { maxChars, keep, pause, shorter }: CutOptions,
): Promise<CallToolResult> {
  if (shorter !== null) {
    const marker = wholeAnswer(await keep(text));
    const shown = `${shorter.text(Math.max(1, maxChars - marker.length - 1))}\n${marker}`;
    return { ...result, content: [{ type: "text", text: shown.toWellFormed() }, ...others] };
  }
  const isLong = text.length >= LONG_CHARS;
  if (isLong) await pause();
  const cut = cutText(text, maxChars);
  if (isLong) await pause();
  const shown = cut === null ? text : joinCut(cut, await keep(text));
  return { ...result, content: [{ type: "text", text: shown }, ...others] };
}

function withoutStructure({ structuredContent: _, ...result }: CallToolResult): CallToolResult {
  return result;
}

/** The text is kept as a whole, so that what is left out here can be read there. */
function cutStructure(
  result: CallToolResult,
  maxChars: number,
  shorter: ShorterAnswer | null,
): CallToolResult {
  const { structuredContent } = result;
  if (!isJsonObject(structuredContent)) return result;
  if (shorter !== null) return { ...result, structuredContent: shorter.structure(maxChars) };
  let isCut = false;
  const fields = Object.entries(structuredContent).map(([name, value]) => {
    const cut = typeof value === "string" ? cutText(value, maxChars) : null;
    isCut ||= cut !== null;
    return [name, cut === null ? value : joinCutField(cut)];
  });
  const cutFields = Object.fromEntries(fields);
  const isMarked = isCut && "truncated" in cutFields;
  return {
    ...result,
    structuredContent: isMarked ? { ...cutFields, truncated: true } : cutFields,
  };
}
