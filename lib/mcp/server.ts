import { Buffer } from "node:buffer";
import { createPause, type Pause } from "../base/bursts.ts";
import { type Clock, systemClock } from "../base/time/clock.ts";
import { type Budget, createBudget } from "../calls/budget.ts";
import { type Claimant, shareOf } from "../calls/claimant.ts";
import type { CallRecord } from "../calls/record.ts";
import { type Answer, answerRefusal, answerResult } from "./answer.ts";
import { refuseLong } from "./admission.ts";
import { type Caller, callKey, type CallScope, callTool, type ToolCallOptions } from "./call.ts";
import {
  type CacheHint,
  detectEra,
  type Era,
  MODERN_VERSION,
  negotiateLegacyVersion,
} from "./era.ts";
import type { Extension } from "./extension.ts";
import { type CancellableCalls, createInFlight, type OperatedCalls } from "./in_flight.ts";
import {
  INTERNAL_ERROR,
  INVALID_PARAMS,
  isRequestId,
  type JsonObject,
  type JsonRpcNotification,
  type JsonRpcRequest,
  METHOD_NOT_FOUND,
  readMessage,
  type RequestId,
} from "./message.ts";
import { SHORT_MESSAGE_BYTES } from "./arguments/message_size.ts";
import { showValue } from "./arguments/shown_value.ts";
import type { ResultProfile } from "./profile.ts";
import { createToolTables, type ToolTable } from "./table.ts";
import type { Tool } from "./tool.ts";

const DISCOVER_TTL_MS = 300_000;
/** Of all answers that are on their way. */
export const MAX_ANSWERS_BYTES = 128 * 1024 * 1024;

/** What a server is made of. */
export interface ServerOptions {
  readonly name: string;
  readonly version: string;
  /** Sent to every client: how to use these tools. */
  readonly instructions?: string;
  /**
   * The tools a principal may see, in the order they are listed, as the profile that the client asks
   * for has them. Return the same array for the same set: its list is serialised once and remembered
   * by the array.
   */
  readonly tools: (principal: string, results: ResultProfile | null) => readonly Tool[];
  /** What it offers beyond MCP; default: nothing. */
  readonly extension?: Extension;
  /** Logs every bug, with its detail; the client sees only the `requestId`. */
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  /** Called once for every tool call, when it has ended. */
  readonly onCall?: (record: CallRecord) => void;
  /** Called when a notification cancels the call of a key; default: that call is cancelled. */
  readonly onCancel?: (key: string) => void;
  /** Tool calls that may run, or whose answers may be on their way, at once; default 1,024. */
  readonly maxCalls?: () => number;
  /** Bytes of all answers that are on their way; default 128 MiB. One may have half of that. */
  readonly maxAnswerBytes?: number;
  /** The budget itself, which may be another, and shared; default: one of `maxAnswerBytes`. */
  readonly answers?: Budget;
  /** Whose shares a principal's calls count against; default: everybody is an operator. */
  readonly claimantOf?: (principal: string) => Claimant;
  /** Between two progress notifications; default 1,000. */
  readonly heartbeatMs?: number;
  readonly clock?: Clock;
  /** What all long work of the program waits for between its steps; default: one of the server's. */
  readonly pause?: Pause;
}

/** The protocol without a transport. */
export interface McpServer {
  /** Answers one message, given as text. Null: no answer is due. Never throws. */
  readonly handle: (text: string, caller: Caller) => Promise<Answer | null>;
  /** Longest message of a principal, in bytes. */
  readonly maxMessageBytes: (principal: string) => number;
  /** Tool calls that run now. */
  readonly runningCalls: () => number;
  /** The same, for an operator to see and to end. */
  readonly calls: OperatedCalls & CancellableCalls;
  /**
   * Refuses new tool calls; resolves when the running ones have ended. Once `signal` aborts, those
   * that still run are asked to stop.
   */
  readonly close: (signal: AbortSignal) => Promise<void>;
}

interface Core extends ToolCallOptions {
  readonly instructions: string | undefined;
  readonly extension: Extension | null;
  readonly tableOf: (principal: string, results: ResultProfile | null) => ToolTable;
  readonly cancel: (key: string) => void;
}

/** A server for any number of clients of either era; it keeps nothing but the calls that run. */
export function createServer(options: ServerOptions): McpServer {
  const server = { name: options.name, version: options.version };
  const tables = createToolTables(server);
  const { maxAnswerBytes = MAX_ANSWERS_BYTES } = options;
  const inFlight = createInFlight();
  const core: Core = {
    server,
    instructions: options.instructions,
    extension: options.extension ?? null,
    tableOf: (principal, results) => tables(options.tools(principal, results)),
    inFlight,
    cancel: options.onCancel ?? inFlight.cancel,
    places: createBudget(options.maxCalls ?? (() => 1_024)),
    answers: options.answers ?? createBudget(() => maxAnswerBytes),
    maxAnswerBytes: shareOf(maxAnswerBytes),
    claimantOf: options.claimantOf ?? ((name) => ({ name, isOperator: true })),
    clock: options.clock ?? systemClock,
    pause: options.pause ?? createPause(),
    heartbeatMs: options.heartbeatMs ?? 1_000,
    onCall: options.onCall ?? (() => {}),
    log: options.log,
  };
  return {
    handle: (text, caller) => {
      try {
        return Promise.resolve(handleMessage(core, text, caller));
      } catch (error) {
        return Promise.resolve(answerBug(core, { id: null, method: "" }, error));
      }
    },
    maxMessageBytes: (principal) => core.tableOf(principal, null).maxMessageBytes,
    runningCalls: inFlight.count,
    calls: inFlight,
    close: inFlight.close,
  };
}

/** What is known at once is not waited for: each promise on a call's way costs it time. */
type Answering = Promise<Answer | null> | Answer | null;

function handleMessage(core: Core, text: string, caller: Caller): Answering {
  const message = readMessage(text);
  switch (message.kind) {
    case "invalid":
      return answerRefusal(message.id, { ...message.error, httpStatus: 400 });
    case "result":
    case "failure":
      return null;
    case "notification":
      return handleNotification(core, message, caller);
    case "request":
      return handleRequest(core, message, { caller, messageBytes: sizeOfLong(text) });
  }
}

function handleNotification(
  core: Core,
  notification: JsonRpcNotification,
  caller: Caller,
): Answer | null {
  const era = detectEra(notification, caller.channel);
  const refusal = era.check(notification, caller.channel);
  if (refusal) return answerRefusal(null, refusal);
  const { requestId } = notification.params;
  const session = era.sessionOf(caller.channel);
  if (
    notification.method === "notifications/cancelled" && session !== null && isRequestId(requestId)
  ) {
    core.cancel(callKey(caller.principal, session, requestId));
  }
  return null;
}

interface MessageScope {
  readonly caller: Caller;
  /** Size of the message in bytes; 0: it is short. */
  readonly messageBytes: number;
}

function sizeOfLong(text: string): number {
  // No character has more than three bytes for each of its code units.
  return 3 * text.length <= SHORT_MESSAGE_BYTES ? 0 : Buffer.byteLength(text);
}

async function handleRequest(
  core: Core,
  request: JsonRpcRequest,
  { caller, messageBytes }: MessageScope,
): Promise<Answer | null> {
  const requestId = crypto.randomUUID();
  try {
    const era = detectEra(request, caller.channel);
    const refusal = era.check(request, caller.channel);
    if (refusal) return answerRefusal(request.id, refusal);
    const table = core.tableOf(caller.principal, caller.results);
    return await answerMethod(core, request, { era, table, caller, requestId, messageBytes });
  } catch (error) {
    return answerBug(core, { ...request, requestId }, error);
  }
}

/** The client sees an id, and the log has what it is about. */
function answerBug(
  { log }: Core,
  { id, method, requestId = crypto.randomUUID() }: {
    readonly id: RequestId | null;
    readonly method: string;
    readonly requestId?: string;
  },
  error: unknown,
): Answer {
  log("request failed", { requestId, method, error });
  const message = `Internal error (request id ${requestId})`;
  return answerRefusal(id, { code: INTERNAL_ERROR, message, httpStatus: 200 });
}

function answerMethod(core: Core, request: JsonRpcRequest, scope: CallScope): Answering {
  const { era, table, messageBytes } = scope;
  if (messageBytes > SHORT_MESSAGE_BYTES && request.method !== "tools/call") {
    return answerRefusal(request.id, refuseLong("A message without content", SHORT_MESSAGE_BYTES));
  }
  switch (era.methods.has(request.method) ? request.method : null) {
    case "initialize":
      return answerFirst(core, (meta) => answerInitialize(core, request, meta));
    case "ping":
      return answerResult(request.id, "{}");
    case "server/discover":
      return answerFirst(core, (meta) => answerDiscover(core, request, { era, meta }));
    case "tools/list":
      return answerList(request, era, table);
    case "tools/call":
      return callTool(request, scope, core);
    default:
      return answerOther(core, request, scope);
  }
}

function answerOther(
  { extension, server }: Core,
  request: JsonRpcRequest,
  { era, caller }: CallScope,
): Answering {
  const method = extension?.methods.get(request.method);
  if (method !== undefined) {
    return method(request.params, caller.gone).then((result) =>
      answerResult(request.id, JSON.stringify(era.decorate(result, server, null)))
    );
  }
  return answerRefusal(request.id, {
    code: METHOD_NOT_FOUND,
    message: `Unknown method ${showValue(request.method)}`,
    httpStatus: era.unknownMethodStatus,
  });
}

/** Answers a client's first request, with what the extension says of itself there. */
function answerFirst({ extension }: Core, answer: (meta: JsonObject) => Answer): Answering {
  return extension === null ? answer({}) : extension.announce().then(answer);
}

function answerInitialize(core: Core, request: JsonRpcRequest, meta: JsonObject): Answer {
  const result = {
    protocolVersion: negotiateLegacyVersion(request.params.protocolVersion),
    capabilities: { tools: {} },
    serverInfo: core.server,
    instructions: core.instructions,
    ...withMeta(meta),
  };
  const sessionId = crypto.randomUUID();
  return { ...answerResult(request.id, JSON.stringify(result)), sessionId };
}

function answerDiscover(
  core: Core,
  request: JsonRpcRequest,
  { era, meta }: { readonly era: Era; readonly meta: JsonObject },
): Answer {
  const result: JsonObject = {
    supportedVersions: [MODERN_VERSION],
    capabilities: { tools: {} },
    instructions: core.instructions,
    ...withMeta(meta),
  };
  const cache: CacheHint = { ttlMs: DISCOVER_TTL_MS, cacheScope: "public" };
  return answerResult(request.id, JSON.stringify(era.decorate(result, core.server, cache)));
}

function withMeta(meta: JsonObject): JsonObject {
  return Object.keys(meta).length === 0 ? {} : { _meta: meta };
}

function answerList(request: JsonRpcRequest, era: Era, table: ToolTable): Answer {
  // One page holds all tools, so no cursor was ever given out.
  const cursor = request.params.cursor ?? null;
  if (cursor === null) {
    return answerResult(request.id, table.listJson[era.name]);
  }
  const message = `Unknown cursor ${showValue(cursor)}`;
  return answerRefusal(request.id, { code: INVALID_PARAMS, message, httpStatus: 200 });
}
