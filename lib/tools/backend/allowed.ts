import { isTomlPath } from "../../config/registry/load.ts";
import type { Host, HostList } from "../../fleet/host.ts";
import { isToolName, USED_TOOLS } from "../../fleet/rules.ts";
import type { Access } from "../access.ts";
import { luaQuote } from "../lua_quote.ts";

/** Names of tools in a refusal. */
const MAX_NAMES = 20;

/** Whether a principal may call a tool of a host's own backend. */
export function mayCall(
  access: Access,
  { principal, host, name }: {
    readonly principal: string;
    readonly host: Host;
    readonly name: string;
  },
): boolean {
  return allowsCall(host, name) &&
    access.findRefusal(principal, { tool: "remote_call_tool", host }) === null;
}

/** Why nobody may call a tool of a host's own backend, and what to do; null: some may. */
export function findCallRefusal(
  name: string,
  host: Host,
  { path }: Pick<HostList, "path">,
): string | null {
  const used = USED_TOOLS.get(name);
  if (used !== undefined) return `${luaQuote(name)} is not for remote_call_tool: use ${used}`;
  if (!isToolName(name)) return `no tool can be named ${luaQuote(name)}`;
  if (allowsCall(host, name)) return null;
  const allowed = [...host.callTools ?? []];
  const names = allowed.slice(0, MAX_NAMES).join(", ");
  const more = allowed.length > MAX_NAMES ? ` and ${allowed.length - MAX_NAMES} more` : "";
  const state = allowed.length === 0
    ? "calls of its own tools are off there"
    : `its call_tools allows ${names}${more} alone`;
  return `${luaQuote(name)} may not be called on ${luaQuote(host.name)}: ${state}; ` +
    `the hub's operator can allow it: ${howToAllow(name, host, path)}`;
}

function allowsCall({ callTools }: Host, name: string): boolean {
  return callTools === null || callTools.has(name);
}

function howToAllow(
  name: string,
  { name: host, callTools }: Host,
  path: HostList["path"],
): string {
  const table = `[hosts.${/^[A-Za-z0-9_-]+$/.test(host) ? host : JSON.stringify(host)}]`;
  const place = `${table} of ${path ?? "its registry"}`;
  if (path !== null && !isTomlPath(path)) {
    return `call_tools = ["${name}"] in ${table} of a registry in TOML`;
  }
  return callTools?.size === 0
    ? `call_tools = ["${name}"] in ${place}`
    : `add "${name}" to call_tools in ${place}`;
}
