import { createQuotas, NO_LIMITS } from "../calls/quotas.ts";
import { collectGarbage } from "../base/collect_garbage.ts";
import type { Clock } from "../base/time/clock.ts";
import type { Tool } from "../mcp/tool.ts";
import { createRemoteTools, type RemoteToolsOptions } from "../tools/catalog.ts";
import { confirmCalls, type ConfirmOptions } from "../tools/confirm/calls.ts";
import { hideSecrets } from "../tools/hide_secrets.ts";
import { limitCalls } from "../tools/limit_calls.ts";
import { limitTimeout } from "../tools/limit_timeout.ts";
import type { HubState } from "./state.ts";

/** What the hub's tools need beside its state. */
export interface HubToolsOptions extends Omit<RemoteToolsOptions, "access" | "now" | "collect"> {
  readonly state: () => HubState;
  readonly confirming: ConfirmOptions;
  readonly clock: Clock;
}

/** The hub's tools, each with what holds for all: limits, calls that wait for a person, hidden tokens. */
export function createHubTools(options: HubToolsOptions): readonly Tool[] {
  const { state, confirming, clock } = options;
  const clientNamed = (name: string) => state().accepted.clients.get(name);
  const redact = (text: string) => state().redact(text);
  const maxTimeoutOf = (principal: string) => clientNamed(principal)?.maxTimeoutMs ?? null;
  const quotas = createQuotas({
    limitsOf: (principal) => {
      const client = clientNamed(principal);
      return client === undefined ? null : client.limits ?? NO_LIMITS;
    },
    now: clock.now,
  });
  return createRemoteTools({
    ...options,
    access: () => state().access,
    now: clock.now,
    collect: collectGarbage,
  }).map((tool) => {
    const asIs = limitTimeout(hideSecrets(tool, redact), maxTimeoutOf);
    return limitCalls(confirmCalls(asIs, confirming), quotas);
  });
}
