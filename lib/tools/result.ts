import { z } from "zod";
import type { DeliveryOutcome } from "../calls/record.ts";
import type { Dispatched, TransportError } from "../fleet/dispatch.ts";
import { type Via, VIAS } from "../fleet/transport.ts";
import type { CallToolResult } from "../mcp/tool.ts";
import type { OutputText } from "../shell/output.ts";
import type { Reply } from "../work/reply.ts";

type Content = CallToolResult["content"];

/** The fields that every remote tool's `structuredContent` has. */
export const commonOutput = {
  host: z.string(),
  via: z.enum(VIAS).nullable().describe("How the call went: lmcp, nats or ssh"),
  outcome: z.enum(["ok", "failed", "not_delivered", "unknown"]).describe(
    "ok: it ran. failed: it ran, and says that it failed. not_delivered: it certainly did not " +
      "run. unknown: it may have run, so look before you repeat it",
  ),
  fallback_reason: z.string().nullable().describe(
    "Why another than the first way to the host was used, or tried",
  ),
  duration_ms: z.number(),
  error: z.string().nullable().describe("What went wrong; null if nothing did"),
};

/** A tool's own fields of `structuredContent`, from the reply, or the output before it was lost. */
export type OwnFields = (
  reply: Reply | null,
  partialOutput: OutputText | null,
) => Record<string, unknown>;

/** How a call went, as its caller reads it. */
export interface Rendered {
  readonly content: Content;
  readonly via: Via | null;
  readonly outcome: DeliveryOutcome;
  /** What went wrong, without the word `Error`; null: nothing did. */
  readonly error: string | null;
}

/** What is rendered, and for whom. */
export interface ResultOptions {
  readonly host: string;
  readonly durationMs: number;
  /** Repeating a call of unknown outcome does no harm. */
  readonly readOnly: boolean;
  readonly ownFields: OwnFields;
}

/** What became of a call: the result of its dispatch, or why there was none. */
export type Answered = Dispatched | Refused;

/** Why a call was not even tried. */
export interface Refused {
  readonly kind: "refused";
  readonly reason: string;
}

/** What became of a call as the tool's result, its texts in the Lua hub's words. */
export function toResult(answered: Answered, options: ResultOptions): CallToolResult {
  const { content, via, outcome, error } = render(answered, options.readOnly);
  const reply = answered.kind === "ran" ? answered.reply : null;
  const partialOutput = answered.kind === "unknown" ? answered.output : null;
  return {
    content,
    isError: error !== null,
    structuredContent: {
      host: options.host,
      via,
      outcome,
      fallback_reason: answered.kind === "refused" ? null : answered.fallbackReason,
      duration_ms: options.durationMs,
      error,
      ...options.ownFields(reply, partialOutput),
    },
  };
}

/** The outcome of a dispatch. */
export function outcomeOf(dispatched: Dispatched): DeliveryOutcome {
  if (dispatched.kind !== "ran") return dispatched.kind;
  return dispatched.reply.failure === null ? "ok" : "failed";
}

const NOT_RUN = "\nIt did not run.";

const UNKNOWN = "outcome unknown: it may have run, so it was not tried again; " +
  "look at the host before you repeat it";

function render(answered: Answered, readOnly: boolean): Rendered {
  switch (answered.kind) {
    case "ran": {
      const { via, reply, errors } = answered;
      const content = via === "ssh" ? sshContent(reply, errors) : backendContent(reply);
      return { content, via, outcome: outcomeOf(answered), error: reply.failure };
    }
    case "refused": {
      const { reason } = answered;
      const content = textContent(`Error: ${reason}`);
      return { content, via: null, outcome: "not_delivered", error: reason };
    }
    case "not_delivered": {
      const addition = readOnly ? "" : NOT_RUN;
      const rendered = renderErrors(answered.errors, { advice: [], addition });
      return { ...rendered, via: null, outcome: "not_delivered" };
    }
    case "unknown": {
      const advice = readOnly ? [] : [UNKNOWN];
      const rendered = renderErrors(answered.errors, { advice, addition: partOf(answered.output) });
      return { ...rendered, via: answered.via, outcome: "unknown" };
    }
  }
}

/** What is known of a call before contact was lost, for whoever sees the text alone. */
function partOf(output: OutputText | null): string {
  return output === null || output.text === "" ? "" : `\nIts output until then:\n${output.text}`;
}

/** The text names also what the host lacks, as in the Lua hub; `error` does where that is all. */
function renderErrors(
  errors: readonly TransportError[],
  { advice, addition }: { readonly advice: readonly string[]; readonly addition: string },
) {
  const existing = errors.filter(({ isMissing }) => !isMissing);
  const relevant = existing.length > 0 ? existing : errors;
  return {
    content: textContent(
      `Error: ${joinErrors([...errors.map(describeError), ...advice])}${addition}`,
    ),
    error: joinErrors([...relevant.map(describeError), ...advice]),
  };
}

function joinErrors(errors: readonly string[]): string {
  return errors.join(" | ");
}

function describeError({ via, reason }: TransportError): string {
  return `${via}: ${reason}`;
}

/** The backend's own blocks; the first text carries the Lua hub's prefix for errors. */
function backendContent({ text, failure, content = [] }: Reply): Content {
  const [first, ...others] = content;
  if (first === undefined) return textContent(text);
  if (failure === null || first.type !== "text") return content;
  return [{ ...first, text: `[lmcp isError] ${first.text}` }, ...others];
}

function sshContent(
  { text, failure, legacy }: Reply,
  errors: readonly TransportError[],
): Content {
  const shown = legacy ?? (failure === null ? { answer: text } : { error: failure });
  return "answer" in shown
    ? textContent(`[via ssh fallback]\n${shown.answer}`)
    : textContent(`Error: ${joinErrors([...errors.map(describeError), `ssh: ${shown.error}`])}`);
}

function textContent(text: string): Content {
  return [{ type: "text", text }];
}
