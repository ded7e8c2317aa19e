import type { ConfigSources } from "../sources.ts";
import { didYouMean } from "../../base/text/near_names.ts";
import type { Problem } from "../../base/problem.ts";
import type { Host, HostTimeouts } from "../../fleet/host.ts";
import { findNameFault } from "./address.ts";
import type { RegistryEntry } from "./entry.ts";
import { isTable } from "./formats/lines.ts";
import {
  type DefaultFields,
  type HostFields,
  hostSchema,
  schemaProblems,
  toCallTools,
  toNatsName,
  toToolRules,
  toWake,
} from "./schema.ts";
import { readOwnToken, tokenWarnings } from "./token.ts";

/** What a host's entry is read with. */
export interface HostContext {
  /** The registry's path. */
  readonly path: string;
  readonly sources: ConfigSources;
  /** Of all its hosts. */
  readonly names: ReadonlySet<string>;
  /** The registry's `[defaults]`. */
  readonly defaults: DefaultFields;
  /** The hub-wide waits. */
  readonly timeouts: HostTimeouts;
  /** Those of `timeouts` that `[defaults]` does not change. */
  readonly pinned: ReadonlySet<keyof HostTimeouts>;
}

/** A host, null if its entry has an error, and all that is wrong with the entry. */
export interface HostResult {
  readonly host: Host | null;
  readonly problems: readonly Problem[];
}

/** Checks a host's entry and reads its token. */
export async function readHost(entry: RegistryEntry, context: HostContext): Promise<HostResult> {
  const { name, locate } = entry;
  const source = context.path;
  const problems: Problem[] = [];
  const fail = (path: readonly string[], message: string) =>
    problems.push({ severity: "error", source, ...locate(path), message });

  const nameFault = findNameFault(name, "host");
  if (nameFault !== null) fail([], nameFault);

  const checked = hostSchema.safeParse(entry.fields);
  if (!checked.success) {
    const explainUnknown = (field: string) => explainUnknownField(field, entry);
    problems.push(...schemaProblems(checked.error, { source, locate, explainUnknown }));
    return { host: null, problems };
  }
  const { ssh_host: sshHost = null, lmcp_url: lmcpUrl = null, tags } = checked.data;
  const wakeFault = findWakeFault(checked.data, context);
  if (wakeFault !== null) fail([wakeFault.field], wakeFault.message);
  const token = await readOwnToken(checked.data, context);
  if ("complaint" in token) fail([token.field], token.complaint);
  if (problems.length > 0 || "complaint" in token) return { host: null, problems };

  const natsName = toNatsName(checked.data, name);
  if (sshHost === null && lmcpUrl === null && natsName === null) {
    const message = "has neither lmcp_url nor ssh_host, so it cannot be reached";
    problems.push({ severity: "warning", source, ...locate([]), message });
  }
  const idle = findIdleCallTools(checked.data, context.defaults);
  if (idle !== null) {
    const message = `has no effect: ${idle}`;
    problems.push({ severity: "warning", source, ...locate(["call_tools"]), message });
  }
  problems.push(...tokenWarnings(token, { source, locate }));
  const timeouts = mergeTimeouts(checked.data, context);
  const host = {
    name,
    sshHost,
    lmcpUrl,
    natsName,
    token: token.token,
    tokenVariable: checked.data.token_env ?? null,
    tags: tags ?? context.defaults.tags ?? [],
    timeouts,
    rules: toToolRules({ ...context.defaults, ...checked.data }),
    callTools: toCallTools({ ...context.defaults, ...checked.data }),
    wake: toWake(checked.data),
    ...entry.isDiscovered && { isDiscovered: entry.isDiscovered },
  };
  return { host, problems };
}

/** What is wrong with how a host is to be woken; null: nothing. */
function findWakeFault(
  { mac, broadcast, wake_via: via }: HostFields,
  { names }: HostContext,
): { readonly field: string; readonly message: string } | null {
  if (mac === undefined && broadcast !== undefined) {
    return { field: "broadcast", message: "needs mac" };
  }
  if (mac === undefined && via !== undefined) return { field: "wake_via", message: "needs mac" };
  if (via === undefined || names.has(via)) return null;
  return { field: "wake_via", message: `is no host${didYouMean(via, names)}` };
}

/** Why a host's `call_tools` allows nothing, although it seems to; null: it does, or is not set. */
function findIdleCallTools(fields: HostFields, defaults: DefaultFields): string | null {
  const { call_tools: value = false, lmcp_url: lmcpUrl, nats = false } = fields;
  if (value === false || value !== true && value.length === 0) return null;
  const { tools, readOnly } = toToolRules({ ...defaults, ...fields });
  if (readOnly) return "read_only rules out remote_call_tool";
  if (tools !== null && !tools.has("remote_call_tool")) return "tools leaves out remote_call_tool";
  return lmcpUrl === undefined && nats === false
    ? "only a host with lmcp_url or nats has tools of its own"
    : null;
}

/** A host's own waits beat the environment's, which beat `[defaults]`, which beat the built-in. */
function mergeTimeouts(
  fields: DefaultFields,
  { defaults, timeouts, pinned }: HostContext,
): HostTimeouts {
  const choose = (timeout: keyof HostTimeouts, own?: number, shared?: number) =>
    own ?? (pinned.has(timeout) ? undefined : shared) ?? timeouts[timeout];
  return {
    connectMs: choose("connectMs", fields.connect_timeout, defaults.connect_timeout),
    lmcpMs: choose("lmcpMs", fields.lmcp_timeout, defaults.lmcp_timeout),
    sshMs: choose("sshMs", fields.ssh_timeout, defaults.ssh_timeout),
    sshHardMs: choose("sshHardMs", fields.ssh_hard_timeout, defaults.ssh_hard_timeout),
  };
}

/** TOML reads `[hosts.a.b]` as a table in a table: a frequent mistake with full host names. */
function explainUnknownField(field: string, { name, fields }: RegistryEntry): string {
  if (isTable(fields) && isTable(fields[field])) {
    const dotted = `${name}.${joinTables(field, fields[field])}`;
    return `unknown table; a host name with dots needs quotes: [hosts."${dotted}"]`;
  }
  return `unknown field${didYouMean(field, Object.keys(hostSchema.shape))}`;
}

/** The dotted name under which a table in tables in tables was meant. */
function joinTables(name: string, table: Record<string, unknown>): string {
  const [[key, value] = ["", null], ...others] = Object.entries(table);
  return others.length === 0 && isTable(value) ? `${name}.${joinTables(key, value)}` : name;
}
