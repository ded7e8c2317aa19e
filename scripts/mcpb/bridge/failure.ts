import type { Answered } from "./answer.ts";
import type { Envelope } from "./message.ts";
import type { Posted } from "./post.ts";
import type { Settings } from "./settings.ts";

/** Why a request is not answered. */
export type Failure =
  | Extract<Posted, { kind: "not_connected" | "lost" }>
  | Extract<Answered, { kind: "refused" }>;

/** Statuses by which a server says that it did not apply the request; the hub's own list. */
export const NOT_APPLIED: readonly number[] = [401, 405, 411, 413, 414, 415, 421, 426, 431];

/** What a person and a model need to know of a failure: what, why, and whether the call ran. */
export function describeFailure(
  failure: Failure,
  { method }: Envelope,
  { url, token }: Settings,
): string {
  const hub = `the hub at ${url.origin}${url.pathname}`;
  const isCall = method === "tools/call";
  const notRun = isCall ? ". The call did not run" : "";
  const unknown = isCall
    ? ". It is not known whether the call ran: look at the host before you repeat it"
    : "";
  switch (failure.kind) {
    case "not_connected":
      return `Cannot reach ${hub}: ${failure.reason}${notRun}`;
    case "lost":
      return `Lost the connection to ${hub}: ${failure.reason}${unknown}`;
    case "refused":
      if (failure.status === 401) {
        const advice = token === null
          ? "needs a token: set it in the settings of this extension"
          : "refuses the token in the settings of this extension";
        return `${capitalize(hub)} ${advice}${notRun}`;
      }
      return `${capitalize(hub)} answered HTTP ${failure.status}: ${failure.reason}` +
        (NOT_APPLIED.includes(failure.status) ? notRun : unknown);
  }
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
