import { type CallContext, type CallToolResult, errorResult } from "../../mcp/tool.ts";
import { type JobKill, KILL_MS, killedJobSchema, killJobProcedure } from "../../work/jobs/kill.ts";
import { jobsBeside, OWN_JOBS } from "../../work/jobs/place.ts";
import { findHost, type RemoteToolOptions } from "../definition.ts";
import { type Answered, toResult } from "../result.ts";
import { openAsking } from "./asking.ts";

/** Which job of which host. */
export interface JobEnd extends Pick<JobKill, "id" | "signal"> {
  readonly hostName: string;
}

/** Ends a job on its host, or sends it a signal. */
export async function endJob(
  { hostName, id, signal }: JobEnd,
  context: CallContext,
  options: RemoteToolOptions,
): Promise<CallToolResult> {
  const by = context.principal;
  const found = findHost(options.access(), { principal: by, tool: "remote_kill", hostName });
  if (found.kind === "refused") return errorResult(`Error: ${found.reason}`);
  const uses = [{ tool: "remote_kill", readOnly: false, hosts: [found.host.name] }];
  const denial = await context.confirm?.({ uses }) ?? null;
  if (denial !== null) return errorResult(`Error: ${denial}`);
  using asking = openAsking(found.host, context, options);
  const answered = await asking.ask({
    tool: "job_kill",
    args: { id, ...(signal === null ? {} : { signal }), by },
    readOnly: false,
    runMs: KILL_MS,
    procedure: ({ agentClaims }) =>
      killJobProcedure({ places: [jobsBeside(agentClaims), OWN_JOBS], id, signal, by }),
  });
  return toKillResult(answered, { hostName, id });
}

function toKillResult(
  answered: Answered,
  { hostName, id }: { readonly hostName: string; readonly id: string },
): CallToolResult {
  const rendered = toResult(answered, {
    host: hostName,
    durationMs: 0,
    readOnly: false,
    ownFields: () => ({}),
  });
  const killed = answered.kind === "ran"
    ? killedJobSchema.safeParse(answered.reply.structured)
    : null;
  const known = killed?.success
    ? { id: killed.data.id, state: killed.data.state, exit_code: killed.data.exit_code }
    : { id, state: "unknown", exit_code: null };
  const { outcome, error } = rendered.structuredContent ?? {};
  const isRun = answered.kind === "ran";
  const text = isRun ? answered.reply.text : null;
  const isError = rendered.isError === true;
  const shown = isRun && isError ? `Error: ${answered.reply.failure}` : text;
  return {
    content: shown === null ? rendered.content : [{ type: "text", text: shown }],
    isError,
    structuredContent: { ...known, host: hostName, outcome, error },
  };
}
