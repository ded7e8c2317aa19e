import { z } from "zod";
import type { Clock } from "../../base/time/clock.ts";
import type { ToolUse } from "../../calls/intent.ts";
import { claimantOf } from "../../fleet/claimant.ts";
import type { HostState } from "../../fleet/health.ts";
import type { Host } from "../../fleet/host.ts";
import { VIAS } from "../../fleet/transport.ts";
import { type CallContext, defineTool, errorResult, type Tool } from "../../mcp/tool.ts";
import { timeoutArgument } from "../../work/arguments.ts";
import { parseBootId } from "../../work/boot.ts";
import type { Access } from "../access.ts";
import type { RemoteToolOptions } from "../definition.ts";
import { resolveHosts, targetsArgument } from "../targets_argument.ts";
import { readBootFacts } from "./boot_facts.ts";
import { renderWait } from "./render_wait.ts";
import { wakeHosts } from "./wake.ts";
import { type Watched, watchHosts, type WatchOptions } from "./watch.ts";

/** What `remote_wait` works with. */
export interface WaitOptions extends Pick<RemoteToolOptions, "access" | "dispatch"> {
  readonly listStates: (
    hosts: readonly Host[],
    options: { readonly force: boolean },
  ) => Promise<ReadonlyMap<Host, HostState>>;
  readonly clock: Clock;
}

/** How long `remote_wait` waits if it is not given a `timeout`. */
export const DEFAULT_WAIT_SECONDS = 300;

const input = z.strictObject({
  targets: targetsArgument,
  for: z.enum(["up", "down", "reboot"]).describe("What to wait for (default up)").optional(),
  since: z.string().max(64).describe("Boot id or time before (default now)")
    .optional(),
  wake: z.boolean().describe("Send Wake-on-LAN first").optional(),
  timeout: timeoutArgument(`Seconds (default ${DEFAULT_WAIT_SECONDS})`).optional(),
});

type Args = z.output<typeof input>;

const output = z.object({
  reached: z.boolean().describe("Whether all hosts are as was waited for"),
  duration_ms: z.number(),
  hosts: z.array(z.object({
    name: z.string(),
    reached: z.boolean(),
    up: z.boolean(),
    via: z.enum(VIAS).nullable().describe("lmcp, nats or ssh"),
    boot_id: z.string().nullable().describe("Another one after each start; null: not known"),
    error: z.string().nullable(),
  })),
});

/** `remote_wait`: waits until hosts are up or down, or have certainly rebooted. */
export function remoteWait(options: WaitOptions): Tool {
  return defineTool({
    name: "remote_wait",
    title: "Wait for hosts",
    description:
      "Wait until machines are up, down, or have rebooted (another boot id): call it at " +
      "once after a reboot command. wake=true switches them on.",
    input,
    output,
    readOnly: true,
    run: async function runWait(args, context) {
      const targets = chooseHosts(args, context, options.access());
      if (typeof targets === "string") return errorResult(`Error: ${targets}`);
      const since = parseSince(args.since, args.for);
      if (typeof since === "string") return errorResult(`Error: ${since}`);
      context.record.hosts = targets.map(({ name }) => name);
      const denial = await context.confirm?.({ uses: usesOf(args, context.record.hosts) }) ?? null;
      if (denial !== null) return errorResult(`Error: ${denial}`);
      const startedAt = options.clock.now();
      const fault = args.wake ? await wakeHosts(targets, context, options) : null;
      if (fault !== null) return errorResult(`Error: ${fault}`);
      const { for: goal = "up" } = args;
      const watched = await watchHosts(targets, watchOptions({ ...args, since }, context, options));
      const durationMs = Math.round(options.clock.now() - startedAt);
      const text = renderWait(watched, { goal, seconds: Math.round(durationMs / 1_000) });
      return {
        content: [{ type: "text", text }],
        structuredContent: {
          reached: watched.every(({ isReached }) => isReached),
          duration_ms: durationMs,
          hosts: watched.map(toEntry),
        },
      };
    },
  });
}

function usesOf({ wake = false }: Args, hosts: readonly string[]): readonly ToolUse[] {
  const waiting = { tool: "remote_wait", readOnly: !wake, hosts };
  return wake ? [waiting, { tool: "remote_shell", readOnly: false, hosts }] : [waiting];
}

/** The hosts that a call is about, or why it may not be. */
function chooseHosts(
  { targets, wake = false }: Args,
  { principal }: CallContext,
  access: Access,
): readonly Host[] | string {
  const resolved = resolveHosts(targets, access.hostsFor(principal));
  if (resolved.kind === "refused") return resolved.reason;
  // Who wakes a machine changes something there.
  const needed = wake ? ["remote_wait", "remote_shell"] as const : ["remote_wait"] as const;
  for (const host of resolved.targets) {
    for (const tool of needed) {
      const refusal = access.findRefusal(principal, { tool, host });
      if (refusal !== null) return refusal;
    }
  }
  return resolved.targets;
}

function parseSince(text: string | undefined, goal: Args["for"]): WatchOptions["since"] | string {
  if (text === undefined) return null;
  if (goal !== "reboot") return "`since` is for for=reboot alone";
  const bootId = parseBootId(text);
  if (bootId !== null) return { bootId };
  const time = Date.parse(text);
  return Number.isNaN(time)
    ? "bad `since` parameter: write a boot id, or a time such as 2026-01-31T12:00:00Z"
    : { time };
}

function watchOptions(
  { for: goal = "up", since, timeout = DEFAULT_WAIT_SECONDS }: Omit<Args, "since"> & {
    readonly since: WatchOptions["since"];
  },
  { principal, signal, traceparent, reportProgress }: CallContext,
  { listStates, dispatch, clock }: WaitOptions,
): WatchOptions {
  const call = { claimant: claimantOf(principal), traceparent, onProgress: null };
  return {
    goal,
    since,
    timeoutMs: 1_000 * timeout,
    probe: (hosts) => listStates(hosts, { force: true }),
    bootOf: (host, signal) => readBootFacts(host, { dispatch, call: { ...call, signal }, clock }),
    clock,
    signal,
    onProgress: (reached) => reportProgress?.(`${reached} reached`),
  };
}

function toEntry({ host, isReached, state, boot }: Watched) {
  return {
    name: host.name,
    reached: isReached,
    up: state.up,
    via: state.via,
    boot_id: boot?.id ?? null,
    error: state.detail,
  };
}
