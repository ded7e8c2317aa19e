import { foreignText } from "../../base/text/foreign_text.ts";
import { isJsonObject, type JsonObject } from "../../mcp/message.ts";
import { type FoundClaim, readFound } from "../../work/claims/found.ts";
import { type ClaimFolder, META_CLAIM } from "../../work/claims/protocol.ts";
import type { Conversation } from "./conversation.ts";
import { exitCodeIn, readReply } from "./reply.ts";
import type { BackendRequest } from "./requester.ts";
import type { BackendWay } from "./way.ts";
import type { Host } from "../host.ts";
import { causeOf, describeFailure, mayHaveRun, type WireFailure } from "../outcome.ts";
import {
  type Attempt,
  type Call,
  type ClaimQuestion,
  payloadMs,
  type ProbeResult,
  type SentClaim,
  type Transport,
  type Via,
  type Work,
} from "../transport.ts";

/** How long a backend may look for a claim. */
const SETTLE_MS = 10_000;
/** Longest answer to `tools/list` that is read. */
const MAX_LIST_BYTES = 4 * 1024 * 1024;

/** Options of `createBackendTransport()`. */
export interface BackendTransportOptions extends BackendWay {
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

/** A way to a host's backend, which learns from what it sees whether the port can be reached. */
export function createBackendTransport(host: Host, options: BackendTransportOptions): Transport {
  const { via, backend, findObstacle } = options;
  return {
    via,
    missing: null,
    canDo: () => true,
    findObstacle,
    attempt: (work, call) => attemptOver(host, options, work, call),
    settle: (claim, question) => settleOver(host, backend, claim, question),
    endClaimed: (claim) => {
      if (isKeptBy(backend, claim)) backend.endClaimed(claim.id);
    },
    probe: (signal) => probeOver(host, options, signal),
  };
}

async function attemptOver(
  host: Host,
  { via, backend, recordPort, limiter, now }: BackendTransportOptions,
  work: Work,
  call: Call,
): Promise<Attempt> {
  call.phases?.enter("queue");
  const place = await limiter.acquire(call.claimant, call.signal);
  if (place === "cancelled") return { kind: "stopped", reason: "cancelled", mayHaveRun: false };
  if (typeof place === "string") {
    const reason = `busy: ${limiter.running} calls to this host are running, try again later`;
    return { kind: "stopped", reason, mayHaveRun: false };
  }
  call.phases?.enter("connect");
  // `using` would do what `finally` does here, but V8 does not optimise it: this is the hot path.
  try {
    const request = toRequest(host, { work, call, via });
    const sentAt = now();
    const { result, claims } = work.readOnly
      ? { result: await backend.sendRead(request), claims: null }
      : await backend.sendOnce(request);
    const claim = sentClaim(claims, request, sentAt);
    if (result.kind === "answer") {
      return readClaimed(result.result, claim) ??
        { kind: "ran", reply: readReply(result.result), exitCode: exitCodeIn(result.result) };
    }
    return learn(result.failure, recordPort, { tool: work.tool, claim });
  } finally {
    place[Symbol.dispose]();
  }
}

/** What there is to ask for of a call that was sent with a claim; null: it had none. */
function sentClaim(
  claims: ClaimFolder | null,
  { claim = null, deadlineMs }: BackendRequest,
  sentAt: number,
): SentClaim | null {
  if (claims === null || claim === null) return null;
  const { directory, id, boot } = claims;
  const place = { kind: "agent", directory, id, boot } as const;
  return { id: claim.id, place, sentAt, deadlineAt: sentAt + deadlineMs };
}

/** What an answer says of a claim that was taken, or cannot be made; null: it is that of the call. */
function readClaimed(result: JsonObject, claim: SentClaim | null): Attempt | null {
  const said = claim !== null && isJsonObject(result._meta) ? result._meta[META_CLAIM] : undefined;
  if (claim === null || said === undefined) return null;
  const known = readFound(said);
  if (known === null) return { kind: "taken", claim, found: null };
  const { found } = known;
  if (found.state === "unclaimable") {
    return { kind: "unclaimable", reason: foreignText(found.reason) };
  }
  const isHere = found.state === "ended" && isJsonObject(said) && !("result" in said);
  return {
    kind: "taken",
    claim,
    found: isHere ? { ...known, found: { ...found, result } } : known,
  };
}

async function settleOver(
  { timeouts: { connectMs } }: Host,
  backend: Conversation,
  claim: SentClaim,
  { ageSeconds, waitMs, signal }: ClaimQuestion,
): Promise<FoundClaim | null> {
  const { place } = claim;
  if (place.kind !== "agent" || !isKeptBy(backend, claim)) return null;
  const deadlineMs = connectMs + waitMs + SETTLE_MS;
  const question = { id: claim.id, folder: place.id, boot: place.boot, ageSeconds, waitMs };
  const result = await backend.settle(question, { deadlineMs, signal });
  if (result?.kind === "answer") return readFound(result.result);
  if (result?.failure.kind !== "rpc") return null;
  return { found: { state: "unable", reason: describeFailure(result.failure) }, digest: null };
}

function isKeptBy({ claims }: Conversation, { place }: SentClaim): boolean {
  return place.kind === "agent" && place.id === claims?.id;
}

/** What a failure says of the call, and of the port. */
function learn(
  failure: WireFailure,
  recordPort: BackendTransportOptions["recordPort"],
  { tool, claim }: { readonly tool: string; readonly claim: SentClaim | null },
): Attempt {
  const cause = causeOf(failure);
  if (cause.kind === "connect") recordPort(cause.timedOut);
  const reason = describeFailure(failure);
  const isUnknown = mayHaveRun(failure, tool);
  if (cause.kind === "cancelled") return { kind: "stopped", reason, mayHaveRun: isUnknown };
  return isUnknown ? { kind: "unknown", reason, output: null, claim } : { kind: "not_run", reason };
}

function toRequest(
  { timeouts }: Host,
  { work, call, via }: { readonly work: Work; readonly call: Call; readonly via: Via },
): BackendRequest {
  const { connectMs, lmcpMs } = timeouts;
  const { signal, traceparent, onProgress, claim, room, admit } = call;
  return {
    method: "tools/call",
    params: { name: work.tool, arguments: work.args },
    deadlineMs: connectMs + lmcpMs + (work.runMs ?? 0) + payloadMs(work),
    maxBytes: work.maxAnswerBytes,
    signal,
    traceparent,
    onProgress,
    claim,
    room,
    admit: admit && (() => admitTo(call, via)),
    onSent: () => call.phases?.enter("run"),
  };
}

async function admitTo({ admit, phases }: Call, via: Via): Promise<boolean> {
  phases?.enter("queue");
  const isAdmitted = await admit?.(via);
  phases?.enter("connect");
  return isAdmitted !== false;
}

async function probeOver(
  { timeouts }: Host,
  { backend, recordPort, now }: BackendTransportOptions,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const startedAt = now();
  const result = await backend.sendRead({
    method: "tools/list",
    params: {},
    deadlineMs: timeouts.connectMs + timeouts.lmcpMs,
    maxBytes: MAX_LIST_BYTES,
    signal,
    traceparent: null,
    onProgress: null,
  });
  if (result.kind === "failed") return learnFromProbe(result.failure, recordPort);
  recordPort(false);
  const { tools } = result.result;
  if (!Array.isArray(tools)) return down("nil");
  return { up: true, toolCount: tools.length, latencyMs: Math.round(now() - startedAt) };
}

function learnFromProbe(
  failure: WireFailure,
  recordPort: BackendTransportOptions["recordPort"],
): ProbeResult {
  const cause = causeOf(failure);
  recordPort(cause.kind === "connect" && cause.timedOut);
  return down(describeFailure(failure));
}

function down(error: string): ProbeResult {
  return { up: false, error, detail: error };
}
