import { type Answer, answerRefusal, answerResult } from "./answer.ts";
import type { Clock } from "./clock.ts";
import type { Era, Implementation, Link, Refusal } from "./era.ts";
import type { InFlight, NotStarted, RunningCall } from "./in_flight.ts";
import {
  INVALID_PARAMS,
  INVALID_REQUEST,
  isJsonObject,
  type JsonObject,
  type JsonRpcRequest,
  MISSING_CLIENT_CAPABILITY,
  UNAVAILABLE,
} from "./message.ts";
import { startHeartbeat } from "./progress.ts";
import type { CallContext, CallToolResult, Tool } from "./tool.ts";
import type { ToolTable } from "./tool_table.ts";

/** Who sent a message, over what, and how to reach them until it is answered. */
export interface Caller {
  readonly principal: string;
  readonly link: Link;
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal;
  /** Sends a serialised notification that belongs to the request. Does nothing once `gone`. */
  readonly notify: (message: string) => void;
}

/** One finished `tools/call`, for the audit trail and the metrics. */
export interface CallRecord {
  readonly requestId: string;
  readonly principal: string;
  readonly client: Implementation | null;
  readonly traceparent: string | null;
  readonly tool: string;
  readonly args: JsonObject;
  readonly durationMs: number;
  /** `failed`: the result has `isError`. `ended`: cancelled or stopped, unanswered. `bug`: it threw. */
  readonly outcome: "ok" | "failed" | "ended" | "bug";
}

/** What running tools needs. */
export interface ToolCallOptions {
  readonly server: Implementation;
  readonly inFlight: InFlight;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly onCall: (record: CallRecord) => void;
}

/** What is known of a request by the time it is dispatched. */
export interface CallScope {
  readonly era: Era;
  readonly table: ToolTable;
  readonly caller: Caller;
  /** The server's own id of the request. */
  readonly requestId: string;
}

/** A `tools/call` that passed all checks. */
interface CheckedCall {
  readonly tool: Tool;
  readonly args: JsonObject;
}

/**
 * Answers one `tools/call`. Null: it was cancelled or its client is gone, so there is nothing to
 * say. Throws what a tool throws, unless the tool was told to stop.
 */
export async function callTool(
  request: JsonRpcRequest,
  scope: CallScope,
  options: ToolCallOptions,
): Promise<Answer | null> {
  const { era, table, caller, requestId } = scope;
  const checked = checkCall(request, era, table);
  if ("code" in checked) return answerRefusal(request.id, checked);
  const session = era.sessionOf(caller.link);
  const key = session === null ? null : callKey(caller.principal, session, request.id);
  const started = options.inFlight.start(key);
  if (typeof started === "string") return answerRefusal(request.id, refuseStart(started));

  using call = started;
  using _watch = watchGone(call, era, caller);
  using heartbeat = startHeartbeat(request, {
    clock: options.clock,
    intervalMs: options.heartbeatMs,
    notify: caller.notify,
  });
  const context: CallContext = {
    signal: call.signal,
    requestId,
    principal: caller.principal,
    client: era.clientOf(request),
    traceparent: traceparentOf(request, caller.link),
    reportProgress: heartbeat.report,
  };
  const result = await runRecorded(checked, context, call, options);
  if (result === null) return answerEnded(request, call);
  return answerResult(request.id, JSON.stringify(era.decorate(result, options.server, null)));
}

/** The name of a running call, the same for its `notifications/cancelled`. */
export function callKey(principal: string, session: string, id: string | number): string {
  return JSON.stringify([principal, session, id]);
}

function checkCall(
  request: JsonRpcRequest,
  era: Era,
  table: ToolTable,
): CheckedCall | Refusal {
  const { name, arguments: args = {} } = request.params;
  const tool = typeof name === "string" ? table.byName.get(name) : undefined;
  if (!tool) {
    const message = `Unknown tool ${JSON.stringify(name)}: tools/list names those there are`;
    return { code: INVALID_PARAMS, message, httpStatus: 200 };
  }
  if (!isJsonObject(args)) {
    return { code: INVALID_PARAMS, message: "`arguments` must be an object", httpStatus: 200 };
  }
  const missing = tool.requires && era.missingCapabilities(request, tool.requires);
  if (missing) {
    return {
      code: MISSING_CLIENT_CAPABILITY,
      message: `The tool needs client capabilities: ${Object.keys(missing).join(", ")}`,
      data: { requiredCapabilities: missing },
      httpStatus: 400,
    };
  }
  return { tool, args };
}

/** Runs the tool and records how it ended; null if it was told to stop before it ended. */
async function runRecorded(
  { tool, args }: CheckedCall,
  context: CallContext,
  call: RunningCall,
  { clock, onCall }: ToolCallOptions,
): Promise<CallToolResult | null> {
  const startedAt = clock.now();
  let outcome: CallRecord["outcome"] = "bug";
  try {
    const result = await tool.call(args, context);
    outcome = call.ending() ? "ended" : result.isError ? "failed" : "ok";
    return call.ending() ? null : result;
  } catch (error) {
    if (!call.ending()) throw error;
    outcome = "ended";
    return null;
  } finally {
    const { requestId, principal, client, traceparent } = context;
    const durationMs = clock.now() - startedAt;
    onCall({
      requestId,
      principal,
      client,
      traceparent,
      tool: tool.name,
      args,
      durationMs,
      outcome,
    });
  }
}

function watchGone(call: RunningCall, era: Era, caller: Caller): Disposable {
  const end = () => call.end("disconnected");
  if (era.disconnectCancels(caller.link)) {
    if (caller.gone.aborted) end();
    caller.gone.addEventListener("abort", end);
  }
  return { [Symbol.dispose]: () => caller.gone.removeEventListener("abort", end) };
}

function answerEnded(request: JsonRpcRequest, call: RunningCall): Answer | null {
  if (call.ending() !== "stopping") return null;
  const message = "The server stopped before the call ended: whether it had an effect is unknown";
  return answerRefusal(request.id, { code: UNAVAILABLE, message, httpStatus: 503 });
}

function refuseStart(reason: NotStarted): Refusal {
  switch (reason) {
    case "duplicate":
      return {
        code: INVALID_REQUEST,
        message: "A call with this id is still running: use another id",
        httpStatus: 400,
      };
    case "full":
      return {
        code: UNAVAILABLE,
        message: "Too many calls are running: nothing was done, try again later",
        httpStatus: 429,
      };
    case "stopping":
      return {
        code: UNAVAILABLE,
        message: "The server is stopping: nothing was done",
        httpStatus: 503,
      };
  }
}

/** https://www.w3.org/TR/trace-context/#traceparent-header; `_meta` beats the header. */
function traceparentOf(request: JsonRpcRequest, link: Link): string | null {
  const meta = request.params._meta;
  const header = link.kind === "http" ? link.headers.get("traceparent") : null;
  const value = (isJsonObject(meta) ? meta.traceparent : undefined) ?? header;
  const isValid = typeof value === "string" &&
    /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(value);
  return isValid ? value : null;
}
