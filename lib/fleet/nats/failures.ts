import type { WireFailure } from "../outcome.ts";
import type { Heard } from "./pieces.ts";
import type { Reply } from "../../nats/frames.ts";

/** The agent broke the protocol. */
export const JUNK = {
  kind: "unreadable",
  message: "what the agent sent makes no sense",
} as const satisfies WireFailure;

/** A request was served, and there is nothing to say. */
export const NO_ANSWER: WireFailure = {
  kind: "lost",
  message: "the call ended without an answer",
};

/** What is heard instead of a reply. */
export type Unheard = Exclude<Heard, Reply>;

/** Why there is no reply to a message that may have been served. */
export function lossOf(heard: Unheard): WireFailure {
  if (heard.kind === "junk") return JUNK;
  const message = heard.kind === "unheard" ? "the agent has ended" : describeHeard(heard);
  return { kind: "lost", message };
}

/** Why there is no reply to a message that nobody has before this. */
export function unsentOrLost(heard: Unheard): WireFailure {
  return heard.kind === "unsent" || heard.kind === "unheard"
    ? { kind: "connect", message: describeHeard(heard), timedOut: false }
    : lossOf(heard);
}

/** What was heard, where another reply was expected. */
export function describeHeard(heard: Heard): string {
  if ("state" in heard) {
    return heard.state === "refused" ? heard.reason : "the agent did not take the message";
  }
  switch (heard.kind) {
    case "unsent":
      return "NATS is not connected";
    case "unheard":
      return "no agent answers for this host";
    case "silence":
      return "the agent does not reply";
    case "disconnected":
      return "the connection to NATS was lost";
    case "junk":
      return JUNK.message;
  }
}
