import { hasBackend } from "../../fleet/host.ts";
import { Buffer } from "node:buffer";
import { z } from "zod";
import { nearNames } from "../../base/text/near_names.ts";
import type { BackendTool } from "../../fleet/backend/tool_list.ts";
import type { Inventory } from "../../fleet/inventory.ts";
import { USED_TOOLS } from "../../fleet/rules.ts";
import type { JsonObject } from "../../mcp/message.ts";
import { type CallContext, defineTool, type Tool } from "../../mcp/tool.ts";
import { timeoutArgument } from "../../work/arguments.ts";
import { DEFAULT_TIMEOUT_SECONDS } from "../../work/shell.ts";
import { deliver, findHost, hostArgument, type RemoteToolOptions } from "../definition.ts";
import { keyArgument } from "../key.ts";
import { luaQuote } from "../lua_quote.ts";
import { nearHint } from "../near_hint.ts";
import { type Answered, commonOutput, type Refused, toResult } from "../result.ts";
import { textFields, textOutput } from "../text_fields.ts";
import { findCallRefusal } from "./allowed.ts";
import { findArgumentFault } from "./arguments.ts";
import { askerOf, notDelivered } from "./asked.ts";
import { toolNameArgument } from "./tool_name.ts";

const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Parts of the hub that `remote_call_tool` uses. */
export interface CallToolOptions extends RemoteToolOptions {
  readonly inventory: Inventory;
}

const input = z.strictObject({
  host: hostArgument,
  tool: toolNameArgument.describe("Its name"),
  arguments: z.looseObject({}).optional().describe(
    "Its arguments",
  ),
  timeout: timeoutArgument(`Seconds to wait (default ${DEFAULT_TIMEOUT_SECONDS})`)
    .optional(),
  key: keyArgument,
});

type Args = z.output<typeof input>;

/** `remote_call_tool`: calls a tool of a host's own backend, if the registry allows it there. */
export function remoteCallTool(options: CallToolOptions): Tool {
  const effects = { readOnly: false, openWorld: true };
  return defineTool({
    ...effects,
    name: "remote_call_tool",
    title: "Call extra tool",
    description:
      "Call an extra tool of a host; find it and its input schema with remote_tools first. " +
      "Only where the operator allows it, never over ssh. Unknown outcome: check the host " +
      "before you repeat it.",
    input,
    output: z.object({ ...commonOutput, ...textOutput }),
    run: async function runCallTool(args, context) {
      const startedAt = options.now();
      const answered = await callOnHost(args, context, options);
      const durationMs = Math.round(options.now() - startedAt);
      const { readOnly } = effects;
      return toResult(answered, { host: args.host, durationMs, readOnly, ownFields: textFields });
    },
  });
}

async function callOnHost(
  { host: hostName, tool, arguments: args = {}, timeout = DEFAULT_TIMEOUT_SECONDS, key }: Args,
  context: CallContext,
  options: CallToolOptions,
): Promise<Answered> {
  const { principal } = context;
  const access = options.access();
  const found = findHost(access, { principal, tool: "remote_call_tool", hostName });
  if (found.kind === "refused") return found;
  const { host } = found;
  const refusal = findCallRefusal(tool, host, access.hostsFor(principal));
  if (refusal !== null) return refused(refusal);
  const uses = [{ tool: "remote_call_tool", readOnly: false, hosts: [host.name] }];
  const denial = await context.confirm?.({ uses }) ?? null;
  if (denial !== null) return refused(denial);
  const offer = await options.inventory.ofHost(host, {
    pick: (tools) => findFault(tools, { tool, hostName, args }),
    asker: askerOf(context),
  });
  if (offer.kind === "unknown") {
    context.record.deliveries.push(notDelivered(host));
    const error = { via: offer.via, reason: offer.reason, isMissing: !hasBackend(host) };
    return { kind: "not_delivered", errors: [error], fallbackReason: null };
  }
  if (offer.tools !== null) return refused(offer.tools);
  const work = {
    tool,
    args,
    declared: [],
    readOnly: false,
    runMs: timeout * 1000,
    payloadBytes: Buffer.byteLength(JSON.stringify(args)),
    maxAnswerBytes: MAX_ANSWER_BYTES,
    procedure: null,
  };
  return await deliver(work, host, context, { ...options, key: key ?? null });
}

/** Why a host's backend would not do what is asked, by its own list of tools; null: it may. */
function findFault(
  tools: readonly BackendTool[],
  { tool: name, hostName, args }: {
    readonly tool: string;
    readonly hostName: string;
    readonly args: JsonObject;
  },
): string | null {
  const tool = tools.find((known) => known.name === name);
  const where = `${luaQuote(name)} on ${luaQuote(hostName)}`;
  if (tool === undefined) return `no tool ${where}${hintFor(name, tools)}`;
  const fault = findArgumentFault(args, tool.inputSchema);
  if (fault === null) return null;
  return `${where} was not called: ${fault}; remote_tools with this host and tool shows its schema`;
}

function hintFor(name: string, tools: readonly BackendTool[]): string {
  const callable = tools.map((tool) => tool.name).filter((known) => !USED_TOOLS.has(known));
  return nearHint(nearNames(name, callable)) || ": remote_tools lists those there are";
}

function refused(reason: string): Refused {
  return { kind: "refused", reason };
}
