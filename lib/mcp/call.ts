import { Buffer } from "node:buffer";
import type { Clock } from "../base/clock.ts";
import { beginRecord, callOutcome, type CallRecord } from "../calls/record.ts";
import { type Answer, answerRefusal, answerResult, toResultJson } from "./answer.ts";
import type { Channel, Era, Implementation, Refusal } from "./era.ts";
import type { InFlight, NotStarted, RunningCall } from "./in_flight.ts";
import {
  INVALID_PARAMS,
  isJsonObject,
  type JsonObject,
  type JsonRpcRequest,
  MISSING_CLIENT_CAPABILITY,
  UNAVAILABLE,
} from "./message.ts";
import { hasLongToken, MAX_TOKEN_CHARS, startHeartbeat } from "./progress.ts";
import { showValue } from "./shown_value.ts";
import type { ToolTable } from "./table.ts";
import type { CallToolResult, Tool } from "./tool.ts";

/** Tools have few arguments; what is unknown of a loose one's is written down and passed on. */
const MAX_ARGUMENTS = 64;

/** Who sent a message, over what, and how to reach them until it is answered. */
export interface Caller {
  readonly principal: string;
  readonly channel: Channel;
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal;
  /** Sends a serialised notification that belongs to the request. Does nothing once `gone`. */
  readonly notify: (message: string) => void;
}

/** What running tools needs. */
export interface ToolCallOptions {
  readonly server: Implementation;
  readonly inFlight: InFlight;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  /** Called once for every call, when it has ended. */
  readonly onCall: (record: CallRecord) => void;
}

/** What is known of a request by the time its method is. */
export interface CallScope {
  readonly era: Era;
  readonly table: ToolTable;
  readonly caller: Caller;
  /** The server's own id of the request. */
  readonly requestId: string;
}

interface RecordedScope extends CallScope {
  readonly record: CallRecord;
}

/** A `tools/call` that passed all checks. */
interface CheckedCall {
  readonly tool: Tool;
  readonly args: JsonObject;
}

/**
 * Answers one `tools/call`, and records it. Null: it was cancelled or its client is gone, so there
 * is nothing to say. Throws what a tool throws, unless the tool was asked to stop.
 */
export async function callTool(
  request: JsonRpcRequest,
  scope: CallScope,
  options: ToolCallOptions,
): Promise<Answer | null> {
  const startedAt = options.clock.now();
  const record = recordOf(request, scope);
  try {
    const answer = await answerCall(request, { ...scope, record }, options);
    record.answerBytes = answer === null ? 0 : Buffer.byteLength(answer.text);
    return answer;
  } finally {
    record.durationMs = options.clock.now() - startedAt;
    options.onCall(record);
  }
}

function recordOf(request: JsonRpcRequest, { era, caller, requestId }: CallScope): CallRecord {
  const { name, arguments: args } = request.params;
  return beginRecord({
    requestId,
    principal: caller.principal,
    client: era.clientOf(request),
    traceparent: traceparentOf(request, caller.channel),
    tool: typeof name === "string" ? name : "",
    args: isJsonObject(args) ? args : {},
  });
}

async function answerCall(
  request: JsonRpcRequest,
  scope: RecordedScope,
  options: ToolCallOptions,
): Promise<Answer | null> {
  const { era, table, caller, record } = scope;
  const checked = checkCall(request, era, table);
  if ("code" in checked) return refuseCall(request, checked, record);
  const session = era.sessionOf(caller.channel);
  const key = session === null ? null : callKey(caller.principal, session, request.id);
  const call = options.inFlight.start(key);
  if (typeof call === "string") return refuseCall(request, refuseStart(call), record);
  const result = await runTool(checked, call, { request, scope, options });
  const answer = result === null
    ? answerEnded(request, call)
    : answerResult(request.id, toResultJson(era.decorate(result, options.server, null)));
  record.ended = call.ending();
  const end = result === null ? "stopped" : result.isError ? "failed" : "ok";
  record.outcome = callOutcome(end, record.deliveries);
  return answer;
}

function refuseCall(request: JsonRpcRequest, refusal: Refusal, record: CallRecord): Answer {
  record.outcome = "refused";
  return answerRefusal(request.id, refusal);
}

/** What a running call is known by, the same for its `notifications/cancelled`. */
export function callKey(principal: string, session: string, id: string | number): string {
  return JSON.stringify([principal, session, id]);
}

function checkCall(
  request: JsonRpcRequest,
  era: Era,
  table: ToolTable,
): CheckedCall | Refusal {
  const { name } = request.params;
  const args = request.params.arguments ?? {};
  const tool = typeof name === "string" ? table.byName.get(name) : undefined;
  if (!tool) {
    return invalidParams(`Unknown tool ${showValue(name)}: tools/list names those there are`);
  }
  if (!isJsonObject(args)) return invalidParams("`arguments` must be an object");
  if (Object.keys(args).length > MAX_ARGUMENTS) {
    return invalidParams(`A call has at most ${MAX_ARGUMENTS} arguments`);
  }
  if (hasLongToken(request)) {
    return invalidParams(`\`progressToken\` has at most ${MAX_TOKEN_CHARS} characters`);
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

function invalidParams(message: string): Refusal {
  return { code: INVALID_PARAMS, message, httpStatus: 200 };
}

/** What a running call is part of. */
interface CallFrame {
  readonly request: JsonRpcRequest;
  readonly scope: RecordedScope;
  readonly options: ToolCallOptions;
}

/** The tool's result; null if it was asked to stop before it ended. The call has left by then. */
async function runTool(
  { tool, args }: CheckedCall,
  call: RunningCall,
  { request, scope: { era, caller, record }, options }: CallFrame,
): Promise<CallToolResult | null> {
  const unwatch = watchGone(call, era, caller);
  const heartbeat = startHeartbeat(request, {
    clock: options.clock,
    intervalMs: options.heartbeatMs,
    notify: caller.notify,
  });
  // `using` would do what `finally` does here, but V8 does not optimise it, and this is a hot path.
  try {
    const { principal, traceparent } = record;
    const { signal } = call;
    const reportProgress = heartbeat.report;
    const result = await tool.call(args, {
      signal,
      principal,
      traceparent,
      reportProgress,
      record,
    });
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

/** Ends the call when its client goes away, if that cancels; returns the function that stops this. */
function watchGone(call: RunningCall, era: Era, { channel, gone }: Caller): () => void {
  if (!era.disconnectCancels(channel)) return () => {};
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
function traceparentOf(request: JsonRpcRequest, channel: Channel): string | null {
  const meta = request.params._meta;
  const header = channel.kind === "http" ? channel.headers.get("traceparent") : null;
  const value = (isJsonObject(meta) ? meta.traceparent : undefined) ?? header;
  const isValid = typeof value === "string" &&
    /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(value);
  return isValid ? value : null;
}
