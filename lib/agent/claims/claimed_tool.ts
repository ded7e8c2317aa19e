import type { CallContext, CallToolResult, Tool } from "../../mcp/tool.ts";
import { errorResult } from "../../mcp/tool.ts";
import { type FoundClaim, foundToJson } from "../../work/claims/found.ts";
import { META_CLAIM, readClaim } from "../../work/claims/protocol.ts";
import type { Keeper } from "./keeper.ts";

/** The tool such that a call with a claim runs once, if it changes anything. */
export function claimedTool(tool: Tool, keeper: Keeper): Tool {
  if (tool.readOnly) return tool;
  return {
    ...tool,
    call: async function callClaimed(args, context: CallContext) {
      const claim = readClaim(context.meta);
      if (claim === null) return await tool.call(args, context);
      if (claim === undefined) return notRun(BAD_CLAIM);
      const run = await keeper.run(
        claim,
        context.signal,
        (signal) => tool.call(args, { ...context, signal }),
      );
      return run.kind === "ran" ? run.result : notRun(run.found);
    },
  };
}

const BAD_CLAIM: FoundClaim = {
  found: { state: "unclaimable", reason: "the claim cannot be read" },
  digest: null,
};

/** What is there instead: in `_meta`, and in words. An answer stands there itself, and not in `_meta`. */
function notRun(known: FoundClaim): CallToolResult {
  const { found, digest } = known;
  if (found.state !== "ended" || found.result === null) {
    const text = `Error: it did not run now: its claim is ${found.state}`;
    return { ...errorResult(text), _meta: { [META_CLAIM]: foundToJson(known) } };
  }
  const state = { state: found.state, ...(digest === null ? {} : { digest }) };
  return { ...EMPTY, ...found.result, _meta: { [META_CLAIM]: state } };
}

const EMPTY: CallToolResult = { content: [] };
