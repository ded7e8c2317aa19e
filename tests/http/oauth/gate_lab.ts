import { createLogger } from "../../../lib/base/log.ts";
import { type Clock, systemClock } from "../../../lib/base/time/clock.ts";
import type { OauthSettings } from "../../../lib/config/oauth.ts";
import { openJsonClient } from "../../../lib/http/oauth/fetch_json.ts";
import { type Admission, createOauthGate } from "../../../lib/http/oauth/gate.ts";
import { createTokenVerifier } from "../../../lib/http/oauth/verifier.ts";
import { AUDIENCE, type LabIssuer } from "./issuer.ts";

/** A clock that a test moves; its timers are the machine's. */
export function movableClock(): Clock & { move: (ms: number) => void } {
  let moved = 0;
  return {
    ...systemClock,
    now: () => systemClock.now() + moved,
    wall: () => systemClock.wall() + moved,
    move: (ms) => moved += ms,
  };
}

/** A gate for the tokens of some issuers, which knows ann and ben. */
export function openGate(
  issuers: readonly Pick<LabIssuer, "url">[],
  more: Partial<OauthSettings> & { readonly clock?: Clock; readonly jwksUrl?: string } = {},
) {
  const { clock = systemClock, jwksUrl = null, ...others } = more;
  let settings: OauthSettings | null = {
    issuers: issuers.map(({ url }) => ({ url, jwksUrl })),
    audience: AUDIENCE,
    claim: "sub",
    scopes: [],
    ...others,
  };
  const lines: string[] = [];
  const log = createLogger({
    format: "text",
    level: "info",
    write: (line) => lines.push(line),
    now: () => new Date(0),
  });
  const client = openJsonClient({ clock });
  const verifier = createTokenVerifier({ ...client, clock, log });
  const gate = createOauthGate({
    settings: () => settings,
    isClient: (name) => ["ann", "ben"].includes(name),
    loadVerifier: () => Promise.resolve(verifier),
  });
  const admit = (token: string | null) => {
    const headers: Record<string, string> = token === null
      ? {}
      : { authorization: `Bearer ${token}` };
    return gate.admit(new Request("http://127.0.0.1/mcp", { headers }), {});
  };
  return {
    gate,
    lines,
    admit,
    /** What becomes of a token, in few words. */
    judge: async (token: string | null) => summary(await admit(token)),
    change: (newer: OauthSettings | null) => settings = newer,
    current: () => settings,
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await verifier.settled();
    },
  };
}

function summary(admission: Admission): string {
  switch (admission.kind) {
    case "admitted":
      return admission.principal.name;
    case "no_token":
    case "unavailable":
    case "busy":
      return admission.kind;
    case "refused":
    case "unknown_client":
    case "insufficient_scope":
      return `${admission.kind}: ${admission.reason}`;
  }
}
