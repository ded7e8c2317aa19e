import { z } from "zod";
import type { Answer } from "../fleet/dispatch.ts";
import type { Via } from "../fleet/health.ts";
import type { Outcome } from "../fleet/outcome.ts";
import type { SshRun } from "../fleet/ssh/client.ts";
import type { CallToolResult } from "../mcp/tool.ts";
import type { OutputCapture } from "../shell/output.ts";
import { type BackendReply, readReply } from "./reply.ts";

/** What a script over ssh came to: the text of the answer, or why the tool failed. */
export type SshText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly error: string };

/** What the fields of a tool's own in `structuredContent` are made from. */
export type Evidence =
  | { readonly kind: "lmcp"; readonly reply: BackendReply }
  | { readonly kind: "ssh"; readonly run: SshRun; readonly rendered: SshText }
  /** No answer; `output` is what came before contact was lost. */
  | { readonly kind: "none"; readonly output: OutputCapture | null };

/** An answer as the caller sees it, before the tool adds its own fields. */
export interface View {
  readonly content: CallToolResult["content"];
  readonly via: Via | null;
  readonly outcome: Outcome;
  readonly fallbackReason: string | null;
  /** What went wrong, without the word `Error`; null: nothing did. */
  readonly error: string | null;
  readonly evidence: Evidence;
}

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

/** How a tool's answers are to be seen. */
export interface ViewOptions {
  /** The tool changes nothing, so that no harm is in repeating a call of unknown outcome. */
  readonly readOnly: boolean;
  readonly renderSsh: (run: SshRun) => SshText;
}

/** Turns what the dispatcher knows into what the caller reads, in the Lua hub's words. */
export function viewOf(answer: Answer, { readOnly, renderSsh }: ViewOptions): View {
  switch (answer.kind) {
    case "lmcp":
      return viewOfReply(readReply(answer.result));
    case "ssh":
      return viewOfRun(answer.run, renderSsh(answer.run), answer.fallbackReason);
    case "not_delivered":
      return { ...notDelivered(answer.errors.join(" | ")), fallbackReason: answer.fallbackReason };
    case "unknown": {
      const { via, fallbackReason, output } = answer;
      const evidence: Evidence = { kind: "none", output };
      const error = [...answer.errors, ...(readOnly ? [] : [UNKNOWN])].join(" | ");
      return { ...failed(error, "unknown"), via, fallbackReason, evidence };
    }
  }
}

const UNKNOWN = "outcome unknown: it may have run, so it was not tried again; " +
  "look at the host before you repeat it";

/** The view of a call that certainly did not run. */
export function notDelivered(error: string): View {
  return failed(error, "not_delivered");
}

/** A view as the tool's result; `own` are the fields that the tool adds. */
export function toResult(
  view: View,
  call: { host: string; durationMs: number; own: Record<string, unknown> },
): CallToolResult {
  return {
    content: view.content,
    isError: view.error !== null,
    structuredContent: {
      host: call.host,
      via: view.via,
      outcome: view.outcome,
      fallback_reason: view.fallbackReason,
      duration_ms: call.durationMs,
      error: view.error,
      ...call.own,
    },
  };
}

function viewOfReply(reply: BackendReply): View {
  return {
    content: reply.content,
    via: "lmcp",
    outcome: reply.isError ? "failed" : "ok",
    fallbackReason: null,
    error: reply.isError ? reply.text : null,
    evidence: { kind: "lmcp", reply },
  };
}

function viewOfRun(run: SshRun, rendered: SshText, fallbackReason: string): View {
  const evidence: Evidence = { kind: "ssh", run, rendered };
  if (!rendered.ok) {
    const error = `lmcp: ${fallbackReason} | ssh: ${rendered.error}`;
    return { ...failed(error, "failed"), via: "ssh", fallbackReason, evidence };
  }
  return {
    content: [{ type: "text", text: `[via ssh fallback]\n${rendered.text}` }],
    via: "ssh",
    outcome: "ok",
    fallbackReason,
    error: null,
    evidence,
  };
}

function failed(error: string, outcome: Outcome): View {
  return {
    content: [{ type: "text", text: `Error: ${error}` }],
    via: null,
    outcome,
    fallbackReason: null,
    error,
    evidence: { kind: "none", output: null },
  };
}
