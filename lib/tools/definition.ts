import { z } from "zod";
import type { Dispatch } from "../fleet/dispatch.ts";
import type { HostList } from "../fleet/host.ts";
import type { Operation, SshProcedure } from "../fleet/operation.ts";
import { createPhaseTimer } from "../fleet/phase.ts";
import type { SshRun } from "../fleet/ssh/client.ts";
import type { ToolName } from "../fleet/rules.ts";
import { defineTool, type Tool, type ToolAnnotations } from "../mcp/tool.ts";
import { nearNames } from "../base/near_names.ts";
import type { Access } from "./access.ts";
import { type CarriedCall, carriedCall } from "./carried.ts";
import { luaQuote } from "./lua_quote.ts";
import {
  commonOutput,
  type Evidence,
  notDelivered,
  type SshText,
  toResult,
  type View,
  viewOf,
} from "./result.ts";

/** What every remote tool needs. */
export interface RemoteToolOptions {
  /** Who may do what, as it is now. */
  readonly access: () => Access;
  readonly dispatch: Dispatch;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** Told of every call that was handed to a host, when it has ended. */
  readonly onCarried?: (call: CarriedCall) => void;
}

type RemoteInput = z.ZodObject<{ host: z.ZodString }, z.core.$loose>;

/** A tool that works on a host. */
export interface RemoteToolDefinition<Input extends RemoteInput> {
  readonly name: ToolName;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly annotations: ToolAnnotations & { readonly readOnlyHint: boolean };
  /** The work; its arguments are the caller's, and whether it only reads is in the annotations. */
  readonly operation: (args: z.output<Input>) => Omit<Operation, "args" | "readOnly" | "ssh">;
  /** The same work as a script, and how its output becomes an answer; null: there is none. */
  readonly ssh: {
    readonly procedure: (args: z.output<Input>) => SshProcedure;
    readonly render: (run: SshRun, args: z.output<Input>) => SshText;
  } | null;
  /** Fields of `structuredContent` beside the common ones, and how they are made. */
  readonly output: z.ZodRawShape;
  readonly structure: (evidence: Evidence) => Record<string, unknown>;
}

/** Makes a tool that sends its work to the host named by its argument `host`. */
export function defineRemoteTool<Input extends RemoteInput>(
  definition: RemoteToolDefinition<Input>,
  options: RemoteToolOptions,
): Tool {
  const { name, title, description, input, annotations, ssh } = definition;
  return defineTool({
    name,
    title,
    description,
    input,
    output: z.object({ ...commonOutput, ...definition.output }),
    annotations,
    run: async (args, context) => {
      const { host: hostName, ...backendArgs } = args;
      const startedAt = options.now();
      const finish = (view: View) =>
        toResult(view, {
          host: hostName,
          durationMs: Math.round(options.now() - startedAt),
          own: definition.structure(view.evidence),
        });
      const access = options.access();
      const known = access.hostsFor(context.principal);
      const host = known.hosts.get(hostName);
      if (host === undefined) return finish(notDelivered(unknownHost(hostName, known)));
      const refusal = access.findRefusal(context.principal, { tool: name, host });
      if (refusal !== null) return finish(notDelivered(refusal));
      const operation: Operation = {
        ...definition.operation(args),
        args: backendArgs,
        readOnly: annotations.readOnlyHint,
        ssh: ssh && (() => ssh.procedure(args)),
      };
      const phases = createPhaseTimer(options.now);
      const answer = await options.dispatch(host, operation, {
        signal: context.signal,
        traceparent: context.traceparent,
        onProgress: context.reportProgress,
        phases,
      });
      const view = viewOf(answer, {
        readOnly: annotations.readOnlyHint,
        renderSsh: (run) => renderSsh(definition, run, args),
      });
      options.onCarried?.(carriedCall(context.requestId, view, phases.times()));
      return finish(view);
    },
  });
}

function renderSsh<Input extends RemoteInput>(
  { name, ssh }: RemoteToolDefinition<Input>,
  run: SshRun,
  args: z.output<Input>,
): SshText {
  if (ssh === null) throw new TypeError(`Tool "${name}" has no ssh procedure, yet one has run`);
  return ssh.render(run, args);
}

function unknownHost(name: string, known: HostList): string {
  const near = nearNames(name, known.hosts.keys()).slice(0, 3);
  const hint = near.length === 0 ? "" : `; did you mean ${near.map(luaQuote).join(" or ")}?`;
  return `unknown host ${luaQuote(name)} (registry: ${known.path})${hint}`;
}
