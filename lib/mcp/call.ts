import { type Answer, answerRefusal, answerResult } from "./answer.ts";
import type { Clock } from "../base/clock.ts";
import type { Era, Implementation, Link, Refusal } from "./era.ts";
import type { Ending, InFlight, NotStarted, RunningCall } from "./in_flight.ts";
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
import { toResultJson } from "./result_json.ts";
import type { CallContext, CallToolResult, Tool } from "./tool.ts";
import type { ToolTable } from "./table.ts";

/** Who sent a message, over what, and how to reach them until it is answered. */
export interface Caller {
  readonly principal: string;
  readonly link: Link;
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal;
  /** Sends a serialised notification that belongs to the request. Does nothing once `gone`. */
  readonly notify: (message: string) => void;
}

/** Who asks for a `tools/call`, and under which names it is known elsewhere. */
type CallIdentity = Pick<CallContext, "requestId" | "principal" | "client" | "traceparent">;

/** One finished `tools/call`, for the audit trail and the metrics. */
export interface CallRecord extends CallIdentity {
  /** The name that was asked for: of a tool, unless the call was refused. */
  readonly tool: string;
  /** `{}` where they were no object. */
  readonly args: JsonObject;
  readonly durationMs: number;
  /**
   * `failed`: the result has `isError`. `refused`: no tool was run. `ended`: told to stop, so that
   * nobody saw the result. `bug`: it threw.
   */
  readonly outcome: "ok" | "failed" | "refused" | "ended" | "bug";
  /** Why it was told to stop; null: it was not. */
  readonly ending: Ending | null;
  /** The response as it was sent; null: none, or one that tells of a bug. */
  readonly answer: string | null;
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

interface IdentifiedScope extends CallScope {
  readonly identity: CallIdentity;
}

/** A `tools/call` that passed all checks. */
interface CheckedCall {
  readonly tool: Tool;
  readonly args: JsonObject;
}

/** How a call ended, and what its client is sent. */
type FinishedCall = Pick<CallRecord, "outcome" | "ending"> & { readonly answer: Answer | null };

/**
 * Answers one `tools/call`, and records it. Null: it was cancelled or its client is gone, so there
 * is nothing to say. Throws what a tool throws, unless the tool was told to stop.
 */
export async function callTool(
  request: JsonRpcRequest,
  scope: CallScope,
  options: ToolCallOptions,
): Promise<Answer | null> {
  const startedAt = options.clock.now();
  const { name, arguments: args } = request.params;
  const identity: CallIdentity = {
    requestId: scope.requestId,
    principal: scope.caller.principal,
    client: scope.era.clientOf(request),
    traceparent: traceparentOf(request, scope.caller.link),
  };
  let finished: FinishedCall = { outcome: "bug", ending: null, answer: null };
  try {
    finished = await answerCall(request, { ...scope, identity }, options);
    return finished.answer;
  } finally {
    options.onCall({
      ...identity,
      tool: typeof name === "string" ? name : "",
      args: isJsonObject(args) ? args : {},
      durationMs: options.clock.now() - startedAt,
      outcome: finished.outcome,
      ending: finished.ending,
      answer: finished.answer && finished.answer.text,
    });
  }
}

async function answerCall(
  request: JsonRpcRequest,
  scope: IdentifiedScope,
  options: ToolCallOptions,
): Promise<FinishedCall> {
  const { era, table, caller } = scope;
  const checked = checkCall(request, era, table);
  if ("code" in checked) return refused(request, checked);
  const session = era.sessionOf(caller.link);
  const key = session === null ? null : callKey(caller.principal, session, request.id);
  const call = options.inFlight.start(key);
  if (typeof call === "string") return refused(request, refuseStart(call));
  const result = await runTool(checked, call, { request, scope, options });
  const ending = call.ending();
  if (result === null) return { outcome: "ended", ending, answer: answerEnded(request, call) };
  const json = toResultJson(era.decorate(result, options.server, null));
  return {
    outcome: result.isError ? "failed" : "ok",
    ending,
    answer: answerResult(request.id, json),
  };
}

function refused(request: JsonRpcRequest, refusal: Refusal): FinishedCall {
  return { outcome: "refused", ending: null, answer: answerRefusal(request.id, refusal) };
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

/** What a running call is part of. */
interface CallFrame {
  readonly request: JsonRpcRequest;
  readonly scope: IdentifiedScope;
  readonly options: ToolCallOptions;
}

/** The tool's result; null if it was told to stop before it ended. The call has left by then. */
async function runTool(
  { tool, args }: CheckedCall,
  call: RunningCall,
  { request, scope: { era, caller, identity }, options }: CallFrame,
): Promise<CallToolResult | null> {
  const unwatch = watchGone(call, era, caller);
  const heartbeat = startHeartbeat(request, {
    clock: options.clock,
    intervalMs: options.heartbeatMs,
    notify: caller.notify,
  });
  // `using` would do what `finally` does here, but V8 does not optimise it: every call comes by.
  try {
    const context = { ...identity, signal: call.signal, reportProgress: heartbeat.report };
    const result = await tool.call(args, context);
    return call.ending() ? null : result;
  } catch (error) {
    if (!call.ending()) throw error;
    return null;
  } finally {
    heartbeat.stop();
    unwatch();
    call.leave();
  }
}

/** Ends the call when its client goes away, if that cancels; gives the function that ends this. */
function watchGone(call: RunningCall, era: Era, { link, gone }: Caller): () => void {
  if (!era.disconnectCancels(link)) return () => {};
  const end = () => call.end("disconnected");
  if (gone.aborted) end();
  gone.addEventListener("abort", end);
  return () => gone.removeEventListener("abort", end);
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
