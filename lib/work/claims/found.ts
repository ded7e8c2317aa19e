import { isJsonObject, type JsonObject } from "../../mcp/message.ts";

/** What is known of a claim, by whoever looked it up on its host. */
export type Found =
  /** It ran, and this was its answer; null: it could not be kept. */
  | { readonly state: "ended"; readonly result: JsonObject | null }
  /** It ran as a script, which ended like this; its output was not kept. */
  | { readonly state: "exited"; readonly end: ScriptEnd }
  | { readonly state: "running" }
  /** It is claimed, and who did that has not yet said who it is. */
  | { readonly state: "begun" }
  /** It has begun, and who ran it is gone without an answer. */
  | { readonly state: "gone" }
  /** It was claimed before the host started again. */
  | { readonly state: "rebooted" }
  /** It never ran, and never will. */
  | { readonly state: "fenced" }
  /** Nothing is known of it, and claims of its time may be lost. */
  | { readonly state: "forgotten" }
  /** Claims cannot be looked up. */
  | { readonly state: "unable"; readonly reason: string }
  /** It did not run now, since nobody could claim it. */
  | { readonly state: "unclaimable"; readonly reason: string };

/** How a script ended. */
export interface ScriptEnd {
  readonly exitCode: number;
  /** It was ended, since its caller was gone, or had it ended. */
  readonly wasEnded: boolean;
  /** Something of it could not be ended. */
  readonly remains: boolean;
}

/** What was found, and the digest of the call that made the claim; null: it had none. */
export interface FoundClaim {
  readonly found: Found;
  readonly digest: string | null;
}

/** What was found as a JSON object. */
export function foundToJson({ found, digest }: FoundClaim): JsonObject {
  return digest === null ? { ...found } : { ...found, digest };
}

/** What was found, as another program wrote it; null: it cannot be read. */
export function readFound(json: unknown): FoundClaim | null {
  if (!isJsonObject(json)) return null;
  const found = readState(json);
  return found && { found, digest: typeof json.digest === "string" ? json.digest : null };
}

function readState(json: JsonObject): Found | null {
  switch (json.state) {
    case "running":
    case "begun":
    case "gone":
    case "rebooted":
    case "fenced":
    case "forgotten":
      return { state: json.state };
    case "ended":
      return { state: "ended", result: isJsonObject(json.result) ? json.result : null };
    case "exited": {
      const end = readEnd(json.end);
      return end && { state: "exited", end };
    }
    case "unable":
    case "unclaimable":
      return { state: json.state, reason: typeof json.reason === "string" ? json.reason : "" };
    default:
      return null;
  }
}

function readEnd(end: unknown): ScriptEnd | null {
  if (!isJsonObject(end) || typeof end.exitCode !== "number") return null;
  return {
    exitCode: end.exitCode,
    wasEnded: end.wasEnded === true,
    remains: end.remains === true,
  };
}
