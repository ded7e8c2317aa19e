import { z } from "zod";
import {
  type CallContext,
  type CallToolResult,
  defineTool,
  errorResult,
  type Tool,
} from "../../mcp/tool.ts";
import type { Outputs } from "../../outputs/store.ts";
import { isJobId } from "../../work/jobs/id.ts";
import { signalArgument } from "../../work/jobs/kill.ts";
import type { RemoteToolOptions } from "../definition.ts";
import { endJob } from "./end.ts";
import { luaQuote } from "../lua_quote.ts";
import {
  cannotTell,
  jobHostArgument,
  needsHost,
  noSuchOutput,
  outputIdArgument,
} from "../output.ts";

/** How long is waited until a call has ended. */
const END_MS = 5_000;

/** What `remote_kill` ends. */
export interface KillOptions extends RemoteToolOptions {
  readonly outputs: Outputs;
}

/** `remote_kill`: ends a job, or a call that goes on after its answer. */
export function remoteKill(options: KillOptions): Tool {
  return defineTool({
    name: "remote_kill",
    title: "End job or call",
    description: 'End a job (give its host), or a call that is "still running", by its id: the ' +
      "command with all its children.",
    input: z.strictObject({
      id: outputIdArgument,
      host: jobHostArgument.optional(),
      signal: signalArgument.optional(),
    }),
    output: z.object({
      id: z.string(),
      host: z.string().nullable().describe("null: it is of no job"),
      state: z.string().describe(
        "Of a job: its state now, or unknown. Of a call: ended, or ending: it takes more than 5 s",
      ),
      exit_code: z.int().nullable().describe("Of a job that has ended"),
      outcome: z.string().describe("ok, failed, not_delivered, unknown"),
      error: z.string().nullable(),
    }),
    readOnly: false,
    idempotent: true,
    run: async ({ id, host, signal }, context) => {
      if (id.startsWith("o-")) {
        return signal === undefined
          ? await endCall(id, context, options.outputs)
          : errorResult("Error: `signal` is for jobs alone");
      }
      if (!isJobId(id)) return noSuchOutput(id);
      if (!host) return errorResult(`Error: ${needsHost(id)}`);
      return await endJob({ hostName: host, id, signal: signal ?? null }, context, options);
    },
  });
}

async function endCall(
  id: string,
  { principal, signal }: CallContext,
  outputs: Outputs,
): Promise<CallToolResult> {
  const found = await outputs.find(principal, id);
  if (found === null) return noSuchOutput(id);
  if (found.kind === "lost" || found.kind === "out of reach") return cannotTell(id, found.kind);
  if (found.kind !== "running") {
    return shown(id, "ended", `${luaQuote(id)} has ended already`);
  }
  found.end();
  return await found.waitForEnd(END_MS, signal)
    ? shown(id, "ended", `${luaQuote(id)} was ended: remote_output shows what is known of it`)
    : shown(id, "ending", `${luaQuote(id)} was asked to end, and has not yet`);
}

function shown(id: string, state: "ended" | "ending", text: string): CallToolResult {
  const known = { id, host: null, state, exit_code: null, outcome: "ok", error: null };
  return { content: [{ type: "text", text }], structuredContent: known };
}
