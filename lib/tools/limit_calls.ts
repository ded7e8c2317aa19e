import type { CallKind, LimitName, OverLimit, Quotas } from "../calls/quotas.ts";
import type { ToolName } from "../fleet/rules.ts";
import { type CallToolResult, errorResult, type Tool } from "../mcp/tool.ts";

/** Those of tools that do nothing by themselves. */
const KINDS: ReadonlyMap<string, CallKind> = new Map<ToolName, CallKind>([
  ["remote_output", "read"],
  ["remote_kill", "end"],
]);
/** In `_meta` of a result: seconds until the call may be made, for programs. */
export const RETRY_AFTER = "lmcp-hub/retry_after_seconds";

/**
 * The tool such that nobody calls it more often, or more times at once, than they may. A call that is
 * refused costs nothing and does nothing; the answer is a result, since clients send again at once
 * what is answered with an HTTP status such as 429.
 */
export function limitCalls(tool: Tool, { begin }: Quotas): Tool {
  const kind = KINDS.get(tool.name) ?? "work";
  return {
    ...tool,
    call(args, context) {
      const end = begin(context.principal, kind);
      if (typeof end !== "function") {
        context.record.overLimit = end.limit;
        return Promise.resolve(refusal(end, kind === "work" ? "" : ` of ${tool.name}`));
      }
      return callUntilEnd(() => tool.call(args, context), end);
    },
  };
}

async function callUntilEnd(
  call: () => Promise<CallToolResult>,
  end: () => void,
): Promise<CallToolResult> {
  try {
    return await call();
  } finally {
    end();
  }
}

function refusal(over: OverLimit, which: string): CallToolResult {
  const seconds = Math.max(1, Math.ceil(over.waitMs / 1_000));
  const text = `Error: not run, since ${REASONS[over.limit](over.most, which)} in ${seconds} s`;
  return { ...errorResult(text), _meta: { [RETRY_AFTER]: seconds } };
}

/** `which`: those that are counted by themselves, in words that follow "calls". */
const REASONS: Readonly<Record<LimitName, (most: number, which: string) => string>> = {
  rate: (most) => `you have made the ${calls(most)} that you may make in a minute: call again`,
  concurrent: (most, which) =>
    `${calls(most)}${which} ${
      most === 1 ? "is" : "are"
    } running, as many as you may have at once: ` +
    "call again when one has ended, or",
};

function calls(count: number): string {
  return count === 1 ? "1 call" : `${count} calls`;
}
