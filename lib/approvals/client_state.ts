import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import type { ApprovalRequest } from "./store.ts";

/** The state that a client sends back with its user's answer: the id, signed for this one call. */
export function signState(request: ApprovalRequest): string {
  return `${request.id}.${signatureOf(request)}`;
}

/** The id in a state; its signature is not checked yet. */
export function idInState(state: string): string {
  return state.slice(0, state.indexOf("."));
}

/** Whether a state is the one that was given out for a request. */
export function isStateOf(request: ApprovalRequest, state: string): boolean {
  const [given, expected] = [Buffer.from(state), Buffer.from(signState(request))];
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function signatureOf({ id, principal, tool, digests, signingKey }: ApprovalRequest): string {
  const signed = JSON.stringify([id, principal, tool, digests.arguments, digests.hosts]);
  return createHmac("sha256", signingKey).update(signed).digest("base64url");
}
