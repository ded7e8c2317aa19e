import { createRedact } from "../../base/text/redact.ts";
import type { Secret } from "../../base/secret.ts";
import type { WireFailure } from "../outcome.ts";

/** How much of a token at the end of a text may be chance. */
const MIN_PREFIX = 4;

/**
 * The failure without the backend's token: callers see what a backend says of it, and some
 * backends repeat what they were sent.
 */
export function hideToken(failure: WireFailure, token: Secret | null): WireFailure {
  if (token === null) return failure;
  const redact = createRedact([token]);
  return hideIn(failure, (text) => hidePrefix(redact(text), token.reveal()));
}

function hideIn(failure: WireFailure, hide: (text: string) => string): WireFailure {
  if ("failure" in failure) return { ...failure, failure: hideIn(failure.failure, hide) };
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
