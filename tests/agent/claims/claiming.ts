import { createAgentTools } from "../../../lib/agent/catalog.ts";
import { claimedTool } from "../../../lib/agent/claims/claimed_tool.ts";
import { claimsExtension } from "../../../lib/agent/claims/extension.ts";
import { AgentClaimFolder, claimsBelow } from "../../../lib/agent/claims/folder.ts";
import { createKeeper } from "../../../lib/agent/claims/keeper.ts";
import { createOwnBash } from "../../../lib/agent/login.ts";
import { spawnProcess } from "../../../lib/base/process.ts";
import { type Clock, systemClock } from "../../../lib/base/time/clock.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import type { CallToolResult } from "../../../lib/mcp/tool.ts";
import { META_CLAIM, META_CLAIMS, SETTLE_METHOD } from "../../../lib/work/claims/protocol.ts";
import { callContext } from "../../mcp/call_context.ts";
import { at } from "../../mcp/wire.ts";
import { PLAIN_AGENT } from "../agent.ts";
import { removeDirectory } from "../../remove_directory.ts";

/** An agent's tools that claim their calls in a temporary directory, which goes with it. */
export interface ClaimingAgent extends AsyncDisposable {
  /** Real path of the temporary directory. */
  readonly directory: string;
  /** The folder of claims. */
  readonly claims: string;
  readonly warnings: readonly string[];
  readonly call: (
    tool: string,
    args: JsonObject,
    options?: { readonly claim?: unknown; readonly signal?: AbortSignal },
  ) => Promise<CallToolResult>;
  readonly announce: () => Promise<JsonObject>;
  readonly settle: (params: JsonObject, gone?: AbortSignal) => Promise<JsonObject>;
}

/** Options of `startClaimingAgent()`. */
export interface ClaimingOptions {
  /** Where it keeps its state; default: below the temporary directory. */
  readonly stateDirectory?: string;
  /** Process id that it claims with; default: the real one. */
  readonly pid?: number;
  readonly clock?: Clock;
  /** Called instead of having a file outlast a power failure. */
  readonly sync?: (path: string) => Promise<void>;
}

/** Puts an agent together that claims calls. */
export async function startClaimingAgent(options: ClaimingOptions = {}): Promise<ClaimingAgent> {
  const { pid = Deno.pid, clock = systemClock } = options;
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const stateDirectory = options.stateDirectory ?? `${directory}/state`;
  const warnings: string[] = [];
  const folder = new AgentClaimFolder({
    runBash: createOwnBash(spawnProcess, {}),
    directory: claimsBelow(stateDirectory),
    pid,
    clock,
    ...(options.sync === undefined ? {} : { sync: options.sync }),
    warn: (message, { reason }) => warnings.push(`${message}: ${reason}`),
  });
  const keeper = createKeeper(folder, clock);
  const extension = claimsExtension(folder, keeper);
  const tools = createAgentTools({ ...PLAIN_AGENT, uid: Deno.uid(), stateDirectory })
    .map((tool) => claimedTool(tool, keeper));
  const never = new AbortController().signal;
  return {
    directory,
    claims: claimsBelow(stateDirectory),
    warnings,
    call: async (name, args, { claim, signal = never } = {}) => {
      const tool = tools.find((known) => known.name === name);
      if (tool === undefined) throw new TypeError(`There is no tool "${name}"`);
      const meta = claim === undefined ? {} : { [META_CLAIM]: claim };
      return await tool.call(args, callContext({ signal, meta }));
    },
    announce: extension.announce,
    settle: async (params, gone = never) => {
      const id = at(await extension.announce(), META_CLAIMS, "id");
      return await extension.methods.get(SETTLE_METHOD)?.({ folder: id, ...params }, gone) ?? {};
    },
    [Symbol.asyncDispose]: async () => {
      await folder.settled();
      await removeDirectory(directory);
    },
  };
}

/** What an answer says of its claim. */
export function claimIn(result: CallToolResult): unknown {
  return at(result, "_meta", META_CLAIM);
}

/** The text of an answer's first block. */
export function firstTextOf(result: CallToolResult): unknown {
  return at(result, "content", 0, "text");
}
