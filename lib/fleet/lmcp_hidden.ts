import { createRedact } from "../ops/redact.ts";
import { Secret } from "../secret.ts";
import type { LmcpResult } from "./lmcp_backend.ts";
import type { LmcpFailure } from "./outcome.ts";

/** How much of a token at the end of a text may be chance. */
const MIN_PREFIX = 4;

/**
 * The result without the backend's token: what a backend says of a failure is told to callers, and
 * some say what they were sent.
 */
export function hideToken(result: LmcpResult, token: Secret | null): LmcpResult {
  if (result.kind !== "failed" || token === null) return result;
  const asJson = new Secret(JSON.stringify(token.reveal()).slice(1, -1));
  const redact = createRedact([token, asJson]);
  const hide = (text: string) => hidePrefix(redact(text), token.reveal());
  return { ...result, failure: hideIn(result.failure, hide) };
}

function hideIn(failure: LmcpFailure, hide: (text: string) => string): LmcpFailure {
  if ("message" in failure) return { ...failure, message: hide(failure.message) };
  if ("body" in failure) return { ...failure, body: hide(failure.body) };
  return failure;
}

/** A text that was cut off may end within the token. */
function hidePrefix(text: string, token: string): string {
  for (let length = token.length - 1; length >= MIN_PREFIX; length--) {
    if (text.endsWith(token.slice(0, length))) return `${text.slice(0, -length)}[secret]`;
  }
  return text;
}
