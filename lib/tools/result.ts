import { z } from "zod";
import type { Dispatched } from "../fleet/dispatch.ts";
import type { Outcome } from "../fleet/outcome.ts";
import type { Via } from "../fleet/transport.ts";
import type { CallToolResult } from "../mcp/tool.ts";
import type { OutputText } from "../shell/output.ts";
import type { Reply } from "../work/reply.ts";

type Content = CallToolResult["content"];

/** The fields that every remote tool's `structuredContent` has. */
export const commonOutput = {
  host: z.string(),
  via: z.enum(["lmcp", "ssh"]).nullable().describe("The transport that carried the call"),
  outcome: z.enum(["ok", "failed", "not_delivered", "unknown"]).describe(
    "ok: it ran. failed: it ran, and says that it failed. not_delivered: it certainly did not " +
      "run. unknown: it may have run, so look before you repeat it",
  ),
  fallback_reason: z.string().nullable().describe("Why ssh was used, or tried, instead of lmcp"),
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
  readonly outcome: Outcome;
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

/** What a dispatch came to as the tool's result, its texts in the Lua hub's words. */
export function toResult(dispatched: Dispatched, options: ResultOptions): CallToolResult {
  const { content, via, outcome, error } = render(dispatched, options.readOnly);
  const reply = dispatched.kind === "ran" ? dispatched.reply : null;
  const partialOutput = dispatched.kind === "unknown" ? dispatched.output : null;
  return {
    content,
    isError: error !== null,
    structuredContent: {
      host: options.host,
      via,
      outcome,
      fallback_reason: dispatched.fallbackReason,
      duration_ms: options.durationMs,
      error,
      ...options.ownFields(reply, partialOutput),
    },
  };
}

/** The dispatch of what was refused before any transport was asked. */
export function refuse(reason: string): Dispatched {
  return { kind: "not_delivered", errors: [reason], fallbackReason: null };
}

/** The outcome that a dispatch stands for. */
export function outcomeOf(dispatched: Dispatched): Outcome {
  if (dispatched.kind !== "ran") return dispatched.kind;
  return dispatched.reply.failure === null ? "ok" : "failed";
}

const UNKNOWN = "outcome unknown: it may have run, so it was not tried again; " +
  "look at the host before you repeat it";

function render(dispatched: Dispatched, readOnly: boolean): Rendered {
  const outcome = outcomeOf(dispatched);
  switch (dispatched.kind) {
    case "ran": {
      const { via, reply, errors } = dispatched;
      const content = via === "ssh" ? sshContent(reply, errors) : backendContent(reply);
      return { content, via, outcome, error: reply.failure };
    }
    case "not_delivered":
      return { ...renderError(dispatched.errors), via: null, outcome };
    case "unknown": {
      const errors = [...dispatched.errors, ...(readOnly ? [] : [UNKNOWN])];
      return { ...renderError(errors), via: dispatched.via, outcome };
    }
  }
}

function renderError(errors: readonly string[]) {
  const error = errors.join(" | ");
  return { content: textContent(`Error: ${error}`), error };
}

/** The backend's own blocks; the first text carries the Lua hub's prefix for errors. */
function backendContent({ text, failure, content = [] }: Reply): Content {
  const [first, ...others] = content;
  if (first === undefined) return textContent(text);
  if (failure === null || first.type !== "text") return content;
  return [{ ...first, text: `[lmcp isError] ${first.text}` }, ...others];
}

function sshContent({ text, failure, legacy }: Reply, errors: readonly string[]): Content {
  const shown = legacy ?? (failure === null ? { answer: text } : { error: failure });
  return "answer" in shown
    ? textContent(`[via ssh fallback]\n${shown.answer}`)
    : renderError([...errors, `ssh: ${shown.error}`]).content;
}

function textContent(text: string): Content {
  return [{ type: "text", text }];
}
