import { z } from "zod";
import type { HostState } from "../../fleet/health.ts";
import type { Host } from "../../fleet/host.ts";
import { defineTool, errorResult, type Tool } from "../../mcp/tool.ts";
import type { Access } from "../access.ts";
import { NO_TARGETS, resolveHosts, targetsArgument } from "../targets_argument.ts";
import { hostEntry, hostEntrySchema, hostLine } from "./entry.ts";

/** Parts of the hub that `remote_list_hosts` uses. */
export interface ListHostsOptions {
  /** Who may see what, as it is now. */
  readonly access: () => Access;
  /** The state of each host: as remembered, or probed again where that is due, or `force`. */
  readonly listStates: (
    hosts: readonly Host[],
    options: { readonly force: boolean },
  ) => Promise<ReadonlyMap<Host, HostState>>;
}

const NO_HOSTS = "(there are no hosts that you may use)";

/** `remote_list_hosts`: the hosts that the caller may see, and whether they can be reached. */
export function remoteListHosts({ access, listStates }: ListHostsOptions): Tool {
  return defineTool({
    name: "remote_list_hosts",
    title: "List hosts",
    description:
      "List the remote hosts (servers, machines) you have: which are UP or DOWN, tags, how each " +
      "is reached, what is wrong. Start here to learn names. Where via=ssh, " +
      "remote_call_tool does not work.",
    meta: { "anthropic/alwaysLoad": true },
    input: z.looseObject({
      targets: targetsArgument.optional(),
      force: z.boolean().optional().describe("Check all again now"),
    }),
    output: z.object({
      hosts: z.array(hostEntrySchema),
      registry_problems: z.array(z.string()).describe(
        "Why the hub still uses an older version of its registry; empty: it does not",
      ),
    }),
    readOnly: true,
    run: async ({ force = false, targets = "@all" }, { principal }) => {
      const { hostsFor, problemsFor } = access();
      const visible = hostsFor(principal);
      const isEmpty = visible.hosts.size === 0;
      const resolved = isEmpty ? NO_TARGETS : resolveHosts(targets, visible);
      if (resolved.kind === "refused") return errorResult(`Error: ${resolved.reason}`);
      const states = [...await listStates(resolved.targets, { force })];
      const problems = problemsFor(principal);
      const text = [
        ...(isEmpty ? [NO_HOSTS] : []),
        ...states.map(([host, state]) => hostLine(host, state)),
        ...problems.map((problem) => `registry: ${problem}`),
      ].join("\n");
      return {
        content: [{ type: "text", text }],
        structuredContent: {
          hosts: states.map(([host, state]) => hostEntry(host, state)),
          registry_problems: [...problems],
        },
      };
    },
  });
}
