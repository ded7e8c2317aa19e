import type { Pause } from "../base/bursts.ts";
import type { Clock } from "../base/time/clock.ts";
import { beginRecord, callOutcome, type CallRecord } from "../calls/record.ts";
import {
  admit,
  type CallBudgets,
  checkCall,
  type CheckedCall,
  FULL,
  STOPPING,
} from "./admission.ts";
import { type Answer, answerPieces, answerRefusal } from "./answer.ts";
import type { Channel, Era, Implementation, Refusal } from "./era.ts";
import type { InFlight, RunningCall } from "./in_flight.ts";
import { readInput } from "./input.ts";
import { isJsonObject, type JsonRpcRequest, UNAVAILABLE } from "./message.ts";
import type { ResultProfile } from "./profile.ts";
import { startHeartbeat } from "./progress.ts";
import { type JsonPieces, writeResultJson } from "./json/pieces.ts";
import { AnswerRoom } from "./room.ts";
import type { ToolTable } from "./table.ts";
import { type CallToolResult, errorResult, type Tool } from "./tool.ts";

/** Who sent a message, over what, and how to reach them until it is answered. */
export interface Caller {
  readonly principal: string;
  /** What it is for certain, whatever its requests say; absent: what they say. */
  readonly client?: Implementation;
  /** The profile that the client asks for, beside its request; null: none. */
  readonly results: ResultProfile | null;
  readonly channel: Channel;
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal;
  /** Sends a serialised notification that belongs to the request. Does nothing once `gone`. */
  readonly notify: (message: string) => void;
}

/** Options of running tools. */
export interface ToolCallOptions extends CallBudgets {
  readonly server: Implementation;
  readonly inFlight: InFlight;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  /** Longest answer, in bytes. */
  readonly maxAnswerBytes: number;
  readonly pause: Pause;
  /** Called once for every call, when it has ended. */
  readonly onCall: (record: CallRecord) => void;
  /** Logs bugs that no answer reports. */
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** What is known of a request by the time its method is. */
export interface CallScope {
  readonly era: Era;
  readonly table: ToolTable;
  readonly caller: Caller;
  /** The server's own id of the request. */
  readonly requestId: string;
  /** Size of the whole message. */
  readonly messageBytes: number;
}

interface RecordedScope extends CallScope {
  readonly record: CallRecord;
  /** What goes on after the answer; it never rejects. */
  readonly rest: Promise<void>[];
}

/**
 * Answers one `tools/call`, and records it when it has ended, which can be later. Null: it was
 * cancelled or its client is gone, so there is nothing to say. Throws what a tool throws, unless the
 * tool was asked to stop.
 */
export async function callTool(
  request: JsonRpcRequest,
  scope: CallScope,
  options: ToolCallOptions,
): Promise<Answer | null> {
  const startedAt = options.clock.now();
  const record = recordOf(request, scope);
  const rest: Promise<void>[] = [];
  const conclude = () => {
    record.durationMs = options.clock.now() - startedAt;
    try {
      options.onCall(record);
    } catch (error) {
      // The answer must reach its client, who gives back what the call holds.
      options.log("call was not recorded", { requestId: record.requestId, error });
    }
  };
  try {
    const answer = await answerCall(request, { ...scope, record, rest }, options);
    record.answerBytes = answer?.bytes ?? 0;
    return answer;
  } finally {
    afterRest(rest, conclude);
  }
}

/** At once where nothing goes on. */
function afterRest(rest: readonly Promise<void>[], conclude: () => void): void {
  if (rest.length === 0) conclude();
  else Promise.all(rest).then(conclude, conclude);
}

function recordOf(request: JsonRpcRequest, { era, caller, requestId }: CallScope): CallRecord {
  const { name, arguments: args } = request.params;
  return beginRecord({
    requestId,
    principal: caller.principal,
    client: caller.client ?? era.clientOf(request),
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
  const checked = checkCall(request, scope);
  if ("code" in checked) return refuseCall(request, checked, scope.record);
  const holds = admit(scope.caller.principal, options);
  if (holds === null) return refuseCall(request, FULL, scope.record);
  const { maxAnswerBytes: maxBytes, clock, pause } = options;
  const room = new AnswerRoom({ lease: holds.answer, maxBytes, clock, pause });
  const release = () => room[Symbol.dispose]();
  const leave = () => {
    release();
    afterRest(scope.rest, () => holds.place[Symbol.dispose]());
  };
  let answer: Answer | null = null;
  try {
    answer = await runCall(checked, { request, scope, options, room });
    return answer && { ...answer, release, leave };
  } finally {
    if (answer === null) leave();
  }
}

async function runCall(
  checked: CheckedCall,
  frame: CallFrame,
): Promise<Answer | null> {
  const { request, scope: { era, caller, record }, options } = frame;
  const session = era.sessionOf(caller.channel);
  const key = session === null ? null : callKey(caller.principal, session, request.id);
  const call = options.inFlight.start({ key, record, startedAt: options.clock.wall() });
  if (call === null) return refuseCall(request, STOPPING, record);
  const result = await runTool(checked, call, frame);
  if (frame.scope.rest.length === 0) recordEnd(record, call, result);
  if (result === null) return answerEnded(request, call);
  return answerPieces(request.id, await writeResult(result, checked.tool, frame));
}

function recordEnd(record: CallRecord, call: RunningCall, result: CallToolResult | null): void {
  record.ended = call.ending();
  const end = call.ending() !== null || result === null
    ? "stopped"
    : result.isError
    ? "failed"
    : "ok";
  // What is done on several hosts has been done once all is said about them.
  record.outcome = end === "ok" && record.hosts !== null
    ? "ok"
    : callOutcome(end, record.deliveries);
}

/** A result as JSON; if it is too long, or has no room, one that says so. */
async function writeResult(
  result: CallToolResult,
  tool: Tool,
  { scope: { era }, options: { server }, room }: CallFrame,
): Promise<JsonPieces> {
  const json = await writeResultJson(era.decorate(result, server, null), room);
  if (json === null || json.rest.length === 0) room.clear();
  else room.trim();
  if (json !== null) return json;
  const reason = room.shortage;
  const text = tool.readOnly ? reason : `it has run, but its answer is lost: ${reason}`;
  return {
    text: JSON.stringify(era.decorate(errorResult(`Error: ${text}`), server, null)),
    rest: [],
  };
}

function refuseCall(request: JsonRpcRequest, refusal: Refusal, record: CallRecord): Answer {
  record.outcome = "refused";
  return answerRefusal(request.id, refusal);
}

/** What a running call is known by, the same for its `notifications/cancelled`. */
export function callKey(principal: string, session: string, id: string | number): string {
  return JSON.stringify([principal, session, id]);
}

/** What a running call is part of. */
interface CallFrame {
  readonly request: JsonRpcRequest;
  readonly scope: RecordedScope;
  readonly options: ToolCallOptions;
  readonly room: AnswerRoom;
}

/**
 * The tool's result; null if it was asked to stop before it ended. The call has left by then, unless
 * it goes on.
 */
async function runTool(
  { tool, args }: CheckedCall,
  call: RunningCall,
  { request, scope: { era, caller, record, rest }, options, room }: CallFrame,
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
    const input = readInput(request.params);
    const result = await tool.call(args, {
      signal,
      principal,
      traceparent,
      reportProgress,
      meta: isJsonObject(request.params._meta) ? request.params._meta : {},
      ...(input && { input }),
      record,
      room,
      goOn: (ended) => {
        call.goOn();
        rest.push(finishCall(ended, call, { record, log: options.log }));
        return () => call.end("cancelled");
      },
    });
    return call.ending() ? null : result;
  } catch (error) {
    if (!call.ending()) throw error;
    return null;
  } finally {
    heartbeat.stop();
    unwatch();
    if (rest.length === 0) call.leave();
  }
}

/** Waits for the end of a call that is answered already. */
async function finishCall(
  ended: Promise<CallToolResult>,
  call: RunningCall,
  { record, log }: { readonly record: CallRecord; readonly log: ToolCallOptions["log"] },
): Promise<void> {
  try {
    recordEnd(record, call, await ended);
  } catch (error) {
    if (call.ending() !== null) recordEnd(record, call, null);
    else log("call failed", { requestId: record.requestId, error });
  } finally {
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

/** Status 200: some clients send what was answered with another one again, and it may have run. */
function answerEnded(request: JsonRpcRequest, call: RunningCall): Answer | null {
  const ending = call.ending();
  if (ending !== "stopping" && ending !== "operator") return null;
  const what = ending === "stopping" ? "The server stopped before the call ended" : ENDED;
  const message = `${what}: whether it had an effect is unknown`;
  return answerRefusal(request.id, { code: UNAVAILABLE, message, httpStatus: 200 });
}

const ENDED = "An operator ended the call";

/** https://www.w3.org/TR/trace-context/#traceparent-header; `_meta` beats the header. */
function traceparentOf(request: JsonRpcRequest, channel: Channel): string | null {
  const meta = request.params._meta;
  const header = channel.kind === "http" ? channel.headers.get("traceparent") : null;
  const value = (isJsonObject(meta) ? meta.traceparent : undefined) ?? header;
  const isValid = typeof value === "string" &&
    /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(value);
  return isValid ? value : null;
}
