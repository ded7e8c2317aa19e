import type { Caller } from "../auth.ts";
import type { Denials } from "../denied.ts";
import type { RequestInfo } from "../handler.ts";
import type { Guesses } from "../visitors/guesses.ts";
import { refuseUnknown } from "../response.ts";
import { refuseToken } from "./answers.ts";
import type { Admission, OauthGate } from "./gate.ts";

/** Who sends a request to the MCP endpoint with an access token, or the refusal. */
export type AdmitByToken = (request: Request, info: RequestInfo) => Promise<Caller | Response>;

/** Makes an `AdmitByToken`, which is asked where no token that the hub itself knows matches. */
export function createAdmitByToken(
  { oauth, onDenied = () => {}, holdGuess = () => null }: {
    readonly oauth: OauthGate;
    readonly onDenied?: Denials["report"];
    readonly holdGuess?: Guesses["hold"];
  },
): AdmitByToken {
  return async function admitByToken(request, info) {
    const admission = await oauth.admit(request, info);
    if (admission.kind === "admitted") {
      const { principal } = admission;
      const isStill: Caller["isStill"] = async () => {
        const again = await oauth.admit(request, info);
        return again.kind === "admitted" && again.principal.name === principal.name;
      };
      return { principal, isStill };
    }
    const settings = oauth.settings();
    // That keys cannot be fetched is logged once, not for each request.
    if (admission.kind !== "unavailable") {
      const hadToken = admission.kind !== "no_token";
      const denial = settings === null ? { hadToken } : describe(admission);
      onDenied(request, info.remoteAddr ?? null, denial);
    }
    if (admission.kind === "refused" && admission.isGuess) await holdGuess(request, info);
    return settings === null ? refuseUnknown() : refuseToken(admission, settings);
  };
}

/** What the log says of a request that was refused: nothing of its token but the name in it. */
function describe(admission: Exclude<Admission, { kind: "admitted" | "unavailable" }>) {
  switch (admission.kind) {
    case "no_token":
      return { hadToken: false };
    case "busy":
      return { hadToken: true, reason: "Too many tokens are being checked" };
    case "refused":
    case "insufficient_scope":
      return { hadToken: true, reason: admission.reason };
    case "unknown_client": {
      const { reason, name } = admission;
      return { hadToken: true, reason, ...(name === null ? {} : { claimed: name }) };
    }
  }
}
