import { NO_LIMITS } from "../../calls/quotas.ts";
import type { Client } from "../../fleet/client.ts";
import { hasBackend, type Host } from "../../fleet/host.ts";
import { COMMAND_TOOL, TOOL_NAMES } from "../../fleet/rules.ts";
import type { HubState } from "../state.ts";

/** Names of tools in one sentence. */
const MAX_NAMES = 20;

/** What a principal may do on a host, in sentences. */
export function describeRules(
  host: Host,
  { principal, hub }: { readonly principal: string; readonly hub: HubState },
): readonly string[] {
  const mayUse = TOOL_NAMES.filter((tool) =>
    hub.access.findRefusal(principal, { tool, host, byName: true }) === null
  );
  return [
    ...describeTools(mayUse),
    ...describeCommands(host, { principal, hub }),
    ...(host.rules.readOnly ? ["The host is read only: nobody may change anything on it."] : []),
    ...(mayUse.includes("remote_call_tool") ? describeOwnTools(host) : []),
    ...describeTimeout(hub.accepted.clients.get(principal)),
    ...describeLimits(hub.accepted.clients.get(principal)),
  ];
}

function describeTools(mayUse: readonly string[]): readonly string[] {
  if (mayUse.length === TOOL_NAMES.length) return ["All tools may be used."];
  if (mayUse.length === 0) return ["No tool may be used."];
  return [`Only ${listNames(mayUse)} may be used.`];
}

/** What a principal may run there that may run named commands alone. */
function describeCommands(
  host: Host,
  { principal, hub: { access } }: { readonly principal: string; readonly hub: HubState },
): readonly string[] {
  const { commands, isAlone } = access.commandsFor(principal);
  if (!isAlone) return [];
  const names = [...commands.values()].filter((command) =>
    access.findRefusal(principal, { tool: COMMAND_TOOL, host, command }) === null
  ).map(({ name }) => name);
  return names.length === 0
    ? ["No command may be run."]
    : [`Of commands, only ${listNames(names)} may be run, with ${COMMAND_TOOL}.`];
}

function describeOwnTools(host: Host): readonly string[] {
  const { callTools } = host;
  if (!hasBackend(host)) return [];
  if (callTools === null) return ["remote_call_tool may call all tools that its server offers."];
  if (callTools.size === 0) return ["remote_call_tool may call no tool that its server offers."];
  return [`remote_call_tool may call only ${listNames([...callTools])}.`];
}

function describeTimeout(client: Client | undefined): readonly string[] {
  const ms = client?.maxTimeoutMs ?? null;
  return ms === null ? [] : [`A command may run for at most ${ms / 1_000} s.`];
}

function describeLimits(client: Client | undefined): readonly string[] {
  const { perMinute, atOnce } = client?.limits ?? NO_LIMITS;
  return [
    ...(perMinute === null ? [] : [`Calls in a minute, at most: ${perMinute}.`]),
    ...(atOnce === null ? [] : [`Calls that run at once, at most: ${atOnce}.`]),
  ];
}

function listNames(names: readonly string[]): string {
  const left = names.length - MAX_NAMES;
  const shown = [...names.slice(0, MAX_NAMES), ...(left > 0 ? [`${left} more`] : [])];
  return shown.length === 1
    ? shown.join("")
    : `${shown.slice(0, -1).join(", ")} and ${shown.slice(-1).join("")}`;
}
