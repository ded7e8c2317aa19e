import { getOrAdd } from "../base/get_or_add.ts";
import { OWN_PRINCIPALS } from "../fleet/client.ts";
import type { Host, HostList, Registry } from "../fleet/host.ts";
import {
  ALL_TOOLS,
  COMMAND_TOOL,
  OUTPUT_TOOL,
  TEXT_RUNNERS,
  type ToolName,
  type ToolRules,
} from "../fleet/rules.ts";
import type { Tool } from "../mcp/tool.ts";
import type { NamedCommand } from "../work/commands/named_command.ts";
import { listRun } from "./commands/listed_run.ts";
import { findCommandRefusal } from "./commands/refusal.ts";
import { type CommandRights, findCommandRights } from "./commands/rights.ts";
import { asksPersons, listConfirmed } from "./confirm/listed.ts";
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
      /** What `COMMAND_TOOL` is to run there; absent: what its caller writes. */
      readonly command?: NamedCommand;
    },
  ) => string | null;
  /** The named commands that exist for a principal. */
  readonly commandsFor: (principal: string) => CommandRights;
  /** Whether a principal's own rules allow a tool, whatever hosts do. */
  readonly allows: (principal: string, tool: ToolName) => boolean;
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
  readonly commandRights: CommandRights;
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
  const asks = asksPersons(registry);
  const toolSets = new Map(asks ? [] : [[keyOf(tools), tools]]);
  const visible = new Map<string, Visible>();

  function findVisible(principal: string): Visible {
    const isOperator = OWN_PRINCIPALS.has(principal);
    const { hosts, rules } = isOperator ? EVERYTHING : registry.clients.get(principal) ?? NOTHING;
    const visibleHosts = narrow(registry, hosts);
    const runTool = tools.find(({ name }) => name === COMMAND_TOOL);
    const commandRights = findCommandRights({
      commands: registry.commands ?? new Map(),
      client: isOperator ? null : registry.clients.get(principal) ?? null,
      mayRun: runTool !== undefined && isAllowed(runTool, rules),
      hosts: visibleHosts.hosts,
    });
    const mayUse = (tool: Tool) => mayUseWith(commandRights, tool, rules);
    const allowed = listTools({ tools, mayUse, commandRights, hosts: visibleHosts.hosts });
    return {
      rules,
      tools: getOrAdd(
        toolSets,
        keyOf(allowed),
        () => asks ? allowed.map((tool) => listConfirmed(tool, registry)) : allowed,
      ),
      hosts: { path: isOperator ? registry.path : null, ...visibleHosts },
      commandRights,
    };
  }

  const visibleTo = (principal: string) =>
    getOrAdd(visible, principal, () => findVisible(principal));

  return {
    toolsFor: (principal) => visibleTo(principal).tools,
    hostsFor: (principal) => visibleTo(principal).hosts,
    findRefusal: (principal, { tool, host, byName = false, command }) => {
      const { tools, rules, hosts, commandRights } = visibleTo(principal);
      const wanted = tools.find(({ name }) => name === tool);
      const allows = byName ? isAllowedByName : isAllowed;
      if (command !== undefined) {
        const why = findCommandRefusal(command, { host, hosts: hosts.hosts, commandRights });
        if (why !== "rules") return why;
      } else if (
        wanted && !isText(commandRights, wanted) &&
        allows(wanted, rules) && allows(wanted, host.rules)
      ) return null;
      const allowed = tools.filter((known) => isAllowed(known, host.rules));
      return `${tool} is not allowed on ${luaQuote(host.name)}, where ${describeTools(allowed)}`;
    },
    commandsFor: (principal) => visibleTo(principal).commandRights,
    allows: (principal, tool) => {
      const { rules, commandRights } = visibleTo(principal);
      const known = tools.find(({ name }) => name === tool);
      return known !== undefined && mayUseWith(commandRights, known, rules);
    },
    problemsFor: (principal) =>
      OWN_PRINCIPALS.has(principal) || problems.length === 0 ? problems : [OUTDATED_REGISTRY],
  };
}

const keyOf = (tools: readonly Tool[]) =>
  tools.map(({ name, description }) => name === COMMAND_TOOL ? `${name} ${description}` : name)
    .join();

/** The tools that exist for a principal, as it sees them. */
function listTools(
  { tools, mayUse, commandRights, hosts }: {
    readonly tools: readonly Tool[];
    readonly mayUse: (tool: Tool) => boolean;
    readonly commandRights: CommandRights;
    readonly hosts: HostList["hosts"];
  },
): readonly Tool[] {
  const runTool = tools.find(({ name }) => name === COMMAND_TOOL);
  const run = runTool && listRun(runTool, commandRights, hosts);
  // What has no room in the one description is shown by the other tool.
  const isListed = (tool: Tool) => mayUse(tool) || run?.isWhole === false && tool.name === FINDER;
  return tools.filter(isListed).map((tool) => tool === runTool && run ? run.tool : tool);
}

/** Shows named commands, too. */
const FINDER: ToolName = "remote_tools";

/** Whether a tool runs, for a principal, what that writes, which may run named commands alone. */
function isText({ isAlone }: CommandRights, { name }: Tool): boolean {
  return isAlone && (name === COMMAND_TOOL || TEXT_RUNNERS.some((tool) => tool === name));
}

function mayUseWith(rights: CommandRights, tool: Tool, rules: ToolRules): boolean {
  if (!isText(rights, tool)) return isAllowed(tool, rules);
  const isNamed = rules.tools === null || rules.tools.has(tool.name);
  return tool.name === COMMAND_TOOL && isNamed && rights.commands.size > 0;
}

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
