import type { Clock } from "../base/time/clock.ts";
import type { Logger } from "../base/log.ts";
import { Lazy } from "../base/time/lazy.ts";
import { createOauthGate, type OauthGate } from "../http/oauth/gate.ts";
import type { HubState } from "./state.ts";

/** Options of `openOauth()`. */
export interface OauthOptions {
  readonly state: () => Pick<HubState, "accepted">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The hub's gate for access tokens, and what ends it. */
export interface Oauth {
  readonly gate: OauthGate;
  readonly close: () => Promise<void>;
}

/** Opens the gate. Nothing is loaded or fetched before somebody presents a token. */
export function openOauth({ state, clock, log }: OauthOptions): Oauth {
  const lazy = new Lazy(async () => {
    const [{ createTokenVerifier }, { openJsonClient }] = await Promise.all([
      import("../http/oauth/verifier.ts"),
      import("../http/oauth/fetch_json.ts"),
    ]);
    const client = openJsonClient({ clock });
    return { verifier: createTokenVerifier({ ...client, clock, log }), client };
  });

  return {
    gate: createOauthGate({
      settings: () => state().accepted.oauth,
      isClient: (name) => state().accepted.clients.has(name),
      loadVerifier: async () => (await lazy.get()).verifier,
    }),
    close: async () => {
      const opened = await lazy.opened();
      await opened?.client.close();
      await opened?.verifier.settled();
    },
  };
}
