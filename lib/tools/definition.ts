import { z } from "zod";
import { nearNames } from "../base/text/near_names.ts";
import { PhaseTimer, type PhaseTimes } from "../calls/phases.ts";
import type { CallRecord, Delivery } from "../calls/record.ts";
import { claimantOf } from "../fleet/claimant.ts";
import type { Dispatch, Dispatched } from "../fleet/dispatch.ts";
import type { Host, HostList } from "../fleet/host.ts";
import type { ToolName } from "../fleet/rules.ts";
import type { Admit, Call, Work } from "../fleet/transport.ts";
import type { Effects } from "../mcp/annotations.ts";
import { describeUnknown } from "../mcp/arguments/problems.ts";
import { type CallContext, defineTool, type Tool, type ToolMeta } from "../mcp/tool.ts";
import type { NamedCommand } from "../work/commands/named_command.ts";
import type { Procedure, ScriptFacts } from "../work/script.ts";
import type { Access } from "./access.ts";
import { claimOfKey, markEarlier, outliveClient } from "./key.ts";
import { luaQuote } from "./lua_quote.ts";
import { nearHint } from "./near_hint.ts";
import {
  type Answered,
  commonOutput,
  outcomeOf,
  type OwnFields,
  type Refused,
  toResult,
} from "./result.ts";

/** Parts of the hub that every remote tool uses. */
export interface RemoteToolOptions {
  /** Who may do what, as it is now. */
  readonly access: () => Access;
  readonly dispatch: Dispatch;
  /** Absent: nothing is to be done before. */
  readonly beforeSend?: BeforeSend;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

/**
 * Called before a call is sent to a host, which waits for it. Resolves with why it may not be sent;
 * null: it may. Null at once: there is nothing to wait for.
 */
export type BeforeSend = (
  call: CallRecord,
  effects: { readonly readOnly: boolean },
) => Promise<string | null> | null;

/** The `host` argument of every remote tool. */
export const hostArgument = z.string().max(253, "it has more than 253 characters").describe(
  "Host",
);

type RemoteInput = z.ZodObject<{ host: z.ZodString }, z.core.$loose>;

/** A tool that works on a host. */
export interface RemoteToolDefinition<Input extends RemoteInput> extends Effects {
  readonly name: ToolName;
  readonly title: string;
  readonly description: string;
  readonly meta?: ToolMeta;
  readonly input: Input;
  /** The work; its arguments are the caller's. */
  readonly work: (
    args: z.output<Input>,
  ) => Omit<Work, "args" | "declared" | "readOnly" | "procedure">;
  /** The same work as a script; null: there is none. */
  readonly procedure: ((args: z.output<Input>, facts: ScriptFacts) => Procedure) | null;
  /** Fields of `structuredContent` beside the common ones, and how they are made. */
  readonly output: z.ZodRawShape;
  readonly ownFields: OwnFields;
}

/** Makes a tool that sends its work to the host named by its argument `host`. */
export function defineRemoteTool<Input extends RemoteInput>(
  definition: RemoteToolDefinition<Input>,
  options: RemoteToolOptions,
): Tool {
  const { name, readOnly, procedure, ownFields } = definition;
  const declared = Object.keys(definition.input.shape).filter((name) => !HUB_ARGUMENTS.has(name));

  function runOnHost(
    args: z.output<Input>,
    context: CallContext,
  ): Refused | Promise<Answered> {
    const { confirm } = context;
    const { host: hostName, key: given, ...others } = args;
    const key = typeof given === "string" && !readOnly ? given : null;
    const backendArgs = key === null && given !== undefined ? { key: given, ...others } : others;
    const found = findHost(options.access(), {
      principal: context.principal,
      tool: name,
      hostName,
    });
    if (found.kind === "refused") return found;
    const undeclared = Object.keys(backendArgs).filter((name) => !declared.includes(name));
    // A backend may accept `write: true` for a tool that only reads, or more than its caller may do.
    if (undeclared.length > 0 && (readOnly || !claimantOf(context.principal).isOperator)) {
      return { kind: "refused", reason: describeUnknown(undeclared, declared) };
    }
    const work: Work = {
      ...definition.work(args),
      args: backendArgs,
      declared,
      readOnly,
      procedure: procedure && ((facts) => procedure(args, facts)),
    };
    const send = () => deliver(work, found.host, context, { ...options, key });
    if (confirm === undefined) return send();
    const uses = [{ tool: name, readOnly, hosts: [found.host.name] }];
    return confirm({ uses }).then((reason) =>
      reason === null ? send() : { kind: "refused", reason }
    );
  }

  return defineTool({
    ...definition,
    output: z.object({ ...commonOutput, ...definition.output }),
    run: async function runRemoteTool(args, context) {
      const startedAt = options.now();
      const answered = await runOnHost(args, context);
      const durationMs = Math.round(options.now() - startedAt);
      return toResult(answered, { host: args.host, durationMs, readOnly, ownFields });
    },
  });
}

/** What the hub itself reads of a call. */
const HUB_ARGUMENTS: ReadonlySet<string> = new Set(["host", "key"]);

/** The host that a call names, unless it does not exist for its caller, or the tool is forbidden there. */
export function findHost(
  access: Access,
  { principal, hostName, ...use }: {
    readonly principal: string;
    readonly tool: ToolName;
    readonly hostName: string;
    readonly byName?: boolean;
    readonly command?: NamedCommand;
  },
): { readonly kind: "found"; readonly host: Host } | Refused {
  const known = access.hostsFor(principal);
  const host = known.hosts.get(hostName);
  if (host === undefined) return { kind: "refused", reason: unknownHost(hostName, known) };
  const reason = access.findRefusal(principal, { ...use, host });
  return reason === null ? { kind: "found", host } : { kind: "refused", reason };
}

/** Options of `deliver()`. */
export interface DeliverOptions extends Pick<RemoteToolOptions, "dispatch" | "beforeSend" | "now"> {
  /** Waited for just before what changes something is sent; absent: there is nothing to wait for. */
  readonly admit?: Admit;
  /** The caller's key, so that work does not run again; null: there is none. */
  readonly key: string | null;
}

/** Has work done on a host if nothing is against it, and records how it was delivered. */
export async function deliver(
  work: Work,
  host: Host,
  context: CallContext,
  { dispatch, beforeSend, now, key, admit }: DeliverOptions,
): Promise<Answered> {
  const permission = beforeSend?.(context.record, work) ?? null;
  const obstacle = permission === null ? null : await permission;
  if (obstacle !== null) return { kind: "refused", reason: obstacle };
  const phases = new PhaseTimer(now);
  const { principal, signal } = context;
  const call: Call = {
    claimant: claimantOf(principal),
    signal,
    traceparent: context.traceparent,
    onProgress: context.reportProgress,
    keepRoom: context.room.adopt,
    phases,
    ...(admit && { admit }),
  };
  const dispatched = key === null
    ? await dispatch(host, work, call)
    : await outliveClient(signal, (signal) => {
      const { tool, args } = work;
      const claim = claimOfKey({ principal, host: host.name, key, tool, args });
      return dispatch(host, work, { ...call, signal, claim });
    });
  context.record.deliveries.push(toDelivery(host.name, dispatched, phases.times()));
  const isEarlier = dispatched.kind === "ran" && dispatched.isEarlier === true;
  return isEarlier ? { ...dispatched, reply: markEarlier(dispatched.reply) } : dispatched;
}

/** How some work was delivered, for the record of the call. */
export function toDelivery(host: string, dispatched: Dispatched, phases: PhaseTimes): Delivery {
  return {
    host,
    via: dispatched.kind === "not_delivered" ? null : dispatched.via,
    outcome: outcomeOf(dispatched),
    fallbackReason: dispatched.fallbackReason,
    exitCode: dispatched.kind === "ran" ? dispatched.exitCode : null,
    ...(dispatched.kind === "ran" && dispatched.isEarlier ? { isEarlier: true } : {}),
    phases,
  };
}

function unknownHost(name: string, { path, hosts }: HostList): string {
  const hint = nearHint(nearNames(name, hosts.keys()));
  const place = path === null ? "" : ` (registry: ${path})`;
  return `unknown host ${luaQuote(name)}${place}${hint}`;
}
