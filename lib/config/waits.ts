import { type Problem, settingError } from "../base/problem.ts";
import type { ProbeSettings, TimeoutSettings } from "./settings.ts";
import type { ConfigSources } from "./sources.ts";

/** The hub-wide waits that the environment sets. */
export function pinnedTimeouts(env: ConfigSources["env"]): ReadonlySet<keyof TimeoutSettings> {
  const variables = [
    ["connectMs", "LMCP_HUB_CONNECT_TIMEOUT"],
    ["lmcpMs", "LMCP_HUB_LMCP_TIMEOUT"],
    ["sshMs", "LMCP_HUB_SSH_TIMEOUT"],
    ["sshHardMs", "LMCP_HUB_SSH_HARD_TIMEOUT"],
  ] as const;
  return new Set(variables.filter(([, name]) => env(name)).map(([timeout]) => timeout));
}

/** What is wrong with the waits between probes, taken together. */
export function checkProbe({ downMinMs, downMaxMs }: ProbeSettings): Problem[] {
  if (downMinMs <= downMaxMs) return [];
  const message = `must not be above LMCP_HUB_PROBE_TTL_DOWN_MAX (${downMaxMs / 1000} s)`;
  return [settingError("LMCP_HUB_PROBE_TTL_DOWN_MIN", message)];
}
