import { ANSWER_NAME, ANSWER_SCHEMA } from "../../approvals/answer.ts";
import { signState } from "../../approvals/client_state.ts";
import { APPROVAL_MS, type ApprovalGate, type Verdict } from "../../approvals/gate.ts";
import { describeWaiting } from "../../approvals/texts.ts";
import type { CallRecord } from "../../calls/record.ts";
import { askForInput, canBeAsked } from "../../mcp/input.ts";
import type { JsonObject } from "../../mcp/message.ts";
import { type CallContext, type CallToolResult, errorResult, type Tool } from "../../mcp/tool.ts";

/** The argument by which a caller names what a person has allowed. */
export const APPROVAL = "approval";
/** Characters of its value that are read: no id has as many. */
const MAX_CHARS = 64;

/** Options of `confirmCalls()`. */
export interface ConfirmOptions {
  readonly gate: Pick<ApprovalGate, "judge">;
  /** Whether any call waits for a person, by the rules as they are now. */
  readonly isInUse: () => boolean;
  /** Whether a call comes from the page, where whoever has clicked cannot name an approval. */
  readonly isOfPage: (record: CallRecord) => boolean;
  /** Whether a principal may answer for others, and so for itself. */
  readonly mayAnswer: (principal: string) => boolean;
  /** Whether the hub has a page on which its operator can answer. */
  readonly hasPage: boolean;
}

/**
 * The tool such that no call of it is sent to a host before a person has allowed it, where the
 * registry says so. All tools ask in one place: once they know what they are to do, and where.
 */
export function confirmCalls(tool: Tool, options: ConfirmOptions): Tool {
  return {
    ...tool,
    call(args, context) {
      const isGiven = Object.hasOwn(args, APPROVAL);
      if (!isGiven && !options.isInUse()) return tool.call(args, context);
      const { [APPROVAL]: given = null, ...own } = args;
      if (given !== null && (typeof given !== "string" || given.length > MAX_CHARS)) {
        return Promise.resolve(errorResult("Error: bad `approval` parameter: it is no id"));
      }
      return options.isInUse() && !isAnswered(context, options)
        ? callConfirmed(tool, { args: own, approval: given || null, context, options })
        : tool.call(own, context);
    },
  };
}

/** What an operator clicks on the page has a person's approval. */
function isAnswered(
  { record, principal }: CallContext,
  { isOfPage, mayAnswer }: ConfirmOptions,
): boolean {
  return isOfPage(record) && mayAnswer(principal);
}

async function callConfirmed(
  tool: Tool,
  { args, approval, context, options }: {
    readonly args: JsonObject;
    readonly approval: string | null;
    readonly context: CallContext;
    readonly options: ConfirmOptions;
  },
): Promise<CallToolResult> {
  const { principal, record: { requestId }, meta, input } = context;
  let answer: CallToolResult | null = null;
  const result = await tool.call(args, {
    ...context,
    confirm: async function confirmCall(intent) {
      const verdict = await options.gate.judge({
        requestId,
        principal,
        tool: tool.name,
        args,
        intent,
        approval,
        namesNone: options.isOfPage(context.record),
        canBeAsked: canBeAsked(meta),
        input,
      });
      if (verdict.kind === "free") return null;
      answer = toAnswer(verdict, options);
      return "not run: a person must allow it first";
    },
  });
  return answer ?? result;
}

/** What the caller gets instead of the tool's answer. */
function toAnswer(
  verdict: Exclude<Verdict, { readonly kind: "free" }>,
  { hasPage }: ConfirmOptions,
): CallToolResult {
  switch (verdict.kind) {
    case "ask_client": {
      const { request } = verdict;
      return askForInput({
        name: ANSWER_NAME,
        message: `May this call run?\n${request.shown}`,
        schema: ANSWER_SCHEMA,
        state: signState(request),
      });
    }
    case "ask_operator": {
      const { request } = verdict;
      const text = describeWaiting(request, { hasPage, minutes: APPROVAL_MS / 60_000 });
      const expiresAt = new Date(request.expiresAt).toISOString();
      return refusal(text, { id: request.id, state: "waiting", expires_at: expiresAt });
    }
    case "refused":
      return refusal(verdict.reason, { id: verdict.id, state: "refused", expires_at: null });
  }
}

function refusal(text: string, approval: JsonObject): CallToolResult {
  return {
    ...errorResult(`Error: ${text}`),
    structuredContent: { outcome: "not_delivered", error: text, approval },
  };
}
