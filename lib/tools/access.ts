import { getOrAdd } from "../base/get_or_add.ts";
import { OWN_PRINCIPALS } from "../fleet/client.ts";
import type { Host, HostList, Registry } from "../fleet/host.ts";
import { ALL_TOOLS, OUTPUT_TOOL, type ToolName, type ToolRules } from "../fleet/rules.ts";
import type { Tool } from "../mcp/tool.ts";
import { luaQuote } from "./lua_quote.ts";

/** Who may see and do what. An unknown principal may do nothing. */
export interface Access {
  /** The tools that exist for a principal: the same array for the same set. */
  readonly toolsFor: (principal: string) => readonly Tool[];
  /** The hosts that exist for a principal; the registry's path is for operators alone. */
  readonly hostsFor: (principal: string) => HostList;
  /** Why a principal may not use one of its tools on one of its hosts; null: it may. */
  readonly findRefusal: (
    principal: string,
    use: {
      readonly tool: ToolName;
      readonly host: Host;
      /** It must be allowed by its own name, as `OUTPUT_TOOL` need not be; default: no. */
      readonly byName?: boolean;
    },
  ) => string | null;
  /** What is wrong with the registry, as far as a principal may know. */
  readonly problemsFor: (principal: string) => readonly string[];
}

/** What access is decided by. */
export interface AccessFacts {
  readonly registry: Registry;
  /** Why the hub does not use its registry as it is now, for its operator. */
  readonly problems: readonly string[];
}

/** The hosts and tools that the registry allows a principal; null hosts: all of them. */
interface Permissions {
  readonly hosts: ReadonlySet<string> | null;
  readonly rules: ToolRules;
}

/** What exists for a principal. */
interface Visible {
  readonly rules: ToolRules;
  readonly tools: readonly Tool[];
  readonly hosts: HostList;
}

const EVERYTHING: Permissions = { hosts: null, rules: ALL_TOOLS };
const NOTHING: Permissions = { hosts: new Set(), rules: { tools: new Set(), readOnly: true } };

const OUTDATED_REGISTRY = "The hub uses an older state of its registry, since the newer one " +
  "has problems: its log names them";

/** Decides access, the one place that does: the tools ask it before each call. */
export function createAccess(
  { registry, problems }: AccessFacts,
  tools: readonly Tool[],
): Access {
  const toolSets = new Map([[keyOf(tools), tools]]);
  const visible = new Map<string, Visible>();

  function findVisible(principal: string): Visible {
    const isOperator = OWN_PRINCIPALS.has(principal);
    const { hosts, rules } = isOperator ? EVERYTHING : registry.clients.get(principal) ?? NOTHING;
    const allowed = tools.filter((tool) => isAllowed(tool, rules));
    return {
      rules,
      tools: getOrAdd(toolSets, keyOf(allowed), () => allowed),
      hosts: { path: isOperator ? registry.path : null, ...narrow(registry, hosts) },
    };
  }

  const visibleTo = (principal: string) =>
    getOrAdd(visible, principal, () => findVisible(principal));

  return {
    toolsFor: (principal) => visibleTo(principal).tools,
    hostsFor: (principal) => visibleTo(principal).hosts,
    findRefusal: (principal, { tool, host, byName = false }) => {
      const { tools, rules } = visibleTo(principal);
      const wanted = tools.find(({ name }) => name === tool);
      const allows = byName ? isAllowedByName : isAllowed;
      if (wanted && allows(wanted, rules) && allows(wanted, host.rules)) return null;
      const allowed = tools.filter((known) => isAllowed(known, host.rules));
      return `${tool} is not allowed on ${luaQuote(host.name)}, where ${describeTools(allowed)}`;
    },
    problemsFor: (principal) =>
      OWN_PRINCIPALS.has(principal) || problems.length === 0 ? problems : [OUTDATED_REGISTRY],
  };
}

const keyOf = (tools: readonly Tool[]) => tools.map(({ name }) => name).join();

function isAllowed(tool: Tool, rules: ToolRules): boolean {
  return isAllowedByName(tool, rules) || tool.name === OUTPUT_TOOL && rules.tools?.size !== 0;
}

function isAllowedByName(tool: Tool, { tools, readOnly }: ToolRules): boolean {
  return (tools === null || tools.has(tool.name)) && (!readOnly || tool.readOnly);
}

/** A group of which no host is left is not there. */
function narrow(
  { hosts, groups }: HostList,
  names: Permissions["hosts"],
): Pick<HostList, "hosts" | "groups"> {
  if (names === null) return { hosts, groups };
  const visible = [...groups].map(([name, of]) => [name, of.intersection(names)] as const);
  return {
    hosts: new Map([...hosts].filter(([name]) => names.has(name))),
    groups: new Map(visible.filter(([, { size }]) => size > 0)),
  };
}

const WITHOUT_HOST: ReadonlySet<string> = new Set([
  "remote_list_hosts",
  OUTPUT_TOOL,
  "remote_kill",
  "remote_wait",
]);

/** For a model to choose from: what works on no host in particular is left out. */
function describeTools(tools: readonly Tool[]): string {
  const names = tools.map(({ name }) => name).filter((name) => !WITHOUT_HOST.has(name));
  return names.length === 0 ? "you may use no tool" : `you may use ${names.join(", ")} alone`;
}
