import { describeUnknown } from "../../mcp/arguments/problems.ts";
import { reasonIn } from "../../work/failure.ts";
import type { FoundClaim, ScriptEnd } from "../../work/claims/found.ts";
import { frameClaim } from "../../work/claims/in_frame.ts";
import { keepScript } from "../../work/claims/keep.ts";
import { lookUpScript, readLookUp } from "../../work/claims/look_up.ts";
import type { ClaimPlace } from "../../work/claims/on_host.ts";
import type { Claim } from "../../work/claims/protocol.ts";
import { readScriptEnd } from "../../work/claims/script_end.ts";
import type { Reply } from "../../work/reply.ts";
import type { Procedure } from "../../work/script.ts";
import { HUB } from "../claimant.ts";
import type { Host } from "../host.ts";
import {
  type Attempt,
  type Call,
  type ClaimQuestion,
  missingTransport,
  payloadMs,
  type ProbeResult,
  type SentClaim,
  type Transport,
  type Work,
} from "../transport.ts";
import type { Ssh, SshResult } from "./client.ts";
import { type ClaimPlaces, createClaimPlaces, type PlacesOptions } from "./places.ts";
import { prepare } from "./prepare.ts";
import { readyMs } from "./run.ts";
import { createVerify, readOrVerify } from "./verify.ts";

/** Shows that a command of the host can still start another one. */
const PROBE_SCRIPT = {
  source: "(exit 0) || exit 1\n",
  input: null,
  limits: { headBytes: 1024, tailBytes: 0 },
  wholeOutput: false,
};

/** How long a claim may be looked for. */
const LOOK_UP_MS = 10_000;

/** Options of `createSshTransport()`. */
export interface SshTransportOptions extends PlacesOptions {
  readonly ssh: Ssh;
  /** Whether probes use connections that are kept, and keep theirs. */
  readonly probesReuse: boolean;
}

const isScript = ({ procedure }: Work) => procedure !== null;

/** The way to a host whose registry entry names no destination for ssh. */
export const NO_SSH = missingTransport("ssh", "no host configured", isScript);

/** The way to a host over ssh, for work that is a script too. */
export function createSshTransport(host: Host, options: SshTransportOptions): Transport {
  const places = createClaimPlaces(host, options);
  return {
    via: "ssh",
    missing: null,
    canDo: isScript,
    findObstacle: () => null,
    attempt: (work, call) => attemptSsh(host, { ...options, places }, work, call),
    settle: (claim, question) => settleSsh(host, options.ssh, claim, question),
    renew: () => options.ssh.renew(host),
    probe: (signal) => probeSsh(host, options, signal),
  };
}

async function attemptSsh(
  host: Host,
  { ssh, places, claims, now }: SshTransportOptions & { readonly places: ClaimPlaces },
  work: Work,
  call: Call,
): Promise<Attempt> {
  const unknown = Object.keys(work.args).filter((name) => !work.declared.includes(name));
  if (unknown.length > 0) {
    return { kind: "not_run", reason: describeUnknown(unknown, work.declared) };
  }
  const { claim = null, admit } = call;
  call.phases?.enter("queue");
  if (!(await admit?.("ssh") ?? true)) {
    return { kind: "stopped", reason: "cancelled", mayHaveRun: false };
  }
  const run = (claimed: Claimed | null) =>
    runWork({ host, ssh, claims, now }, { work, call, claimed });
  if (claim === null) return await run(null);
  const known = places.of(claim);
  if (typeof known === "string") return { kind: "not_run", reason: known };
  let refusal: Attempt = { kind: "unclaimable", reason: "it could not be claimed before" };
  for (const place of known) {
    const attempt = await run({ claim, place });
    if (attempt.kind !== "unclaimable") return attempt;
    places.refuse(place);
    refusal = attempt;
  }
  return refusal;
}

/** What a call is claimed with, and where. */
interface Claimed {
  readonly claim: Claim;
  readonly place: ClaimPlace;
}

async function runWork(
  { host, ssh, claims, now }:
    & { readonly host: Host }
    & Pick<SshTransportOptions, "ssh" | "claims" | "now">,
  { work, call, claimed }: {
    readonly work: Work;
    readonly call: Call;
    readonly claimed: Claimed | null;
  },
): Promise<Attempt> {
  if (work.procedure === null) throw new TypeError(`Tool "${work.tool}" has no script`);
  const given = work.procedure({
    claimId: claimed?.claim.id ?? null,
    agentClaims: claims()?.directory ?? null,
  });
  const wholeMs = work.runMs ?? host.timeouts.sshHardMs + payloadMs(work);
  using room = given.next === undefined ? null : call.openRoom?.() ?? null;
  const prepared = await prepare(given, { host, ssh, now, call, room, runMs: wholeMs });
  if (prepared.kind !== "ready") return prepared;
  const { procedure, runMs } = prepared;
  const sentAt = now();
  const sent = claimed && {
    id: claimed.claim.id,
    place: claimed.place,
    sentAt,
    deadlineAt: sentAt + readyMs(host) + runMs,
  };
  const result = await ssh.run(host, procedure, {
    ...call,
    runMs,
    reuse: true,
    frameClaim: claimed && frameClaim(claimed.claim, claimed.place),
  });
  if (result.kind !== "ran") return readUnanswered(result, { host, ssh, procedure, sent });
  const reply = await readOrVerify(procedure, result, { host, ssh, signal: call.signal });
  if (claimed !== null && claimed.claim.digest !== null) {
    await keepReply({ host, ssh }, { claimed, reply });
  }
  return { kind: "ran", reply, exitCode: result.exitCode };
}

/** What is known of a script that did not run, or of which nothing says that it ended. */
function readUnanswered(
  result: Exclude<SshResult, { readonly kind: "ran" }>,
  { host, ssh, procedure, sent }: {
    readonly host: Host;
    readonly ssh: Ssh;
    readonly procedure: Procedure;
    readonly sent: SentClaim | null;
  },
): Attempt {
  const { reason } = result;
  if (result.kind === "not_delivered") {
    const { notClaimed } = result;
    if (notClaimed === "unclaimable") return { kind: "unclaimable", reason };
    const isTaken = notClaimed === "taken" && sent !== null;
    return isTaken ? { kind: "taken", claim: sent, found: null } : { kind: "not_run", reason };
  }
  const { output } = result;
  const readEnd = (end: ScriptEnd) => readScriptEnd(procedure, end, output);
  const { verify } = procedure;
  return {
    kind: "unknown",
    reason,
    output: output.text(),
    claim: sent && { ...sent, readEnd },
    ...(verify && { verify: createVerify(verify, { host, ssh }) }),
  };
}

/** Leaves an answer for later calls with the same key. Where that fails they learn how it ended. */
async function keepReply(
  { host, ssh }: { readonly host: Host; readonly ssh: Ssh },
  { claimed: { claim, place }, reply }: { readonly claimed: Claimed; readonly reply: Reply },
): Promise<void> {
  await ssh.run(host, keepScript(place, claim.id, reply), {
    runMs: LOOK_UP_MS,
    reuse: true,
    claimant: HUB,
    signal: new AbortController().signal,
    traceparent: null,
    onProgress: null,
  });
}

async function settleSsh(
  host: Host,
  ssh: Ssh,
  { id, place }: SentClaim,
  { ageSeconds, signal }: ClaimQuestion,
): Promise<FoundClaim | null> {
  const result = await ssh.run(host, lookUpScript({ place, id, ageSeconds }), {
    runMs: LOOK_UP_MS,
    reuse: true,
    claimant: HUB,
    signal,
    traceparent: null,
    onProgress: null,
  });
  if (result.kind !== "ran") return null;
  const { found, digest } = readLookUp(result);
  return { found, digest };
}

async function probeSsh(
  host: Host,
  { ssh, probesReuse, now }: SshTransportOptions,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const startedAt = now();
  const result = await ssh.run(host, PROBE_SCRIPT, {
    runMs: host.timeouts.sshHardMs,
    reuse: probesReuse,
    // It is to show what a call would meet that has none.
    spares: false,
    claimant: HUB,
    signal,
    traceparent: null,
    onProgress: null,
  });
  const latencyMs = Math.round(now() - startedAt);
  if (result.kind === "ran" && result.exitCode === 0) {
    return { up: true, toolCount: null, latencyMs };
  }
  const { exitCode, reason } = describeProbe(result);
  return { up: false, error: exitCode === null ? reason : `rc=${exitCode}`, detail: reason };
}

/** Why a probe has not shown that the host works. */
function describeProbe(result: SshResult): { exitCode: number | null; reason: string } {
  switch (result.kind) {
    case "ran": {
      const reason = `a command could not be run: ${reasonIn(result.output.text().stderr)}`;
      return { exitCode: result.exitCode, reason };
    }
    case "not_delivered":
      return result;
    case "unknown":
      return { exitCode: null, reason: result.reason };
  }
}
