import { claimantOf } from "../../fleet/claimant.ts";
import type { Dispatch } from "../../fleet/dispatch.ts";
import type { Host } from "../../fleet/host.ts";
import { magicCommand, sendMagicPacket, type Wake } from "../../fleet/wake.ts";
import { messageOf } from "../../base/text/error_text.ts";
import { foreignText } from "../../base/text/foreign_text.ts";
import type { CallContext } from "../../mcp/tool.ts";
import { shellProcedure } from "../../work/shell.ts";
import type { Access } from "../access.ts";

/** How long another host may take to send it. */
const TIMEOUT_SECONDS = 20;

/** Wakes hosts as the registry says. Returns why some cannot be woken, in which case none is. */
export async function wakeHosts(
  hosts: readonly Host[],
  context: CallContext,
  { access, dispatch }: { readonly access: () => Access; readonly dispatch: Dispatch },
): Promise<string | null> {
  const without = hosts.filter(({ wake }) => wake === null).map(({ name }) => name);
  if (without.length > 0) return `cannot wake ${without.join(", ")}: the registry has no \`mac\``;
  const faults = await Promise.all(hosts.map(async ({ name, wake }) => {
    if (wake === null) return [];
    const fault = await wakeOne(wake, context, { access, dispatch });
    return fault === null ? [] : [`cannot wake ${name}: ${fault}`];
  }));
  return faults.flat().join("; ") || null;
}

async function wakeOne(
  wake: Wake,
  context: CallContext,
  { access, dispatch }: { readonly access: () => Access; readonly dispatch: Dispatch },
): Promise<string | null> {
  if (wake.via === null) {
    return await sendMagicPacket(wake).then(() => null, (error) => messageOf(error));
  }
  // The operator has named that host, so its caller need not see it.
  const via = access().hostsFor("default").hosts.get(wake.via);
  if (via === undefined) return "the host that is to send it is gone";
  const command = magicCommand(wake);
  const dispatched = await dispatch(via, {
    tool: "shell",
    args: { command, timeout: TIMEOUT_SECONDS },
    declared: ["command", "timeout"],
    readOnly: false,
    runMs: 1_000 * TIMEOUT_SECONDS,
    payloadBytes: 0,
    maxAnswerBytes: 1024 * 1024,
    procedure: () => shellProcedure({ command, cwd: "", timeoutSeconds: TIMEOUT_SECONDS }),
  }, {
    claimant: claimantOf(context.principal),
    signal: context.signal,
    traceparent: context.traceparent,
    onProgress: null,
  });
  const isVisible = access().hostsFor(context.principal).hosts.has(via.name);
  const sender = isVisible ? via.name : "the host by which it is woken";
  if (dispatched.kind !== "ran") return `${sender} could not be asked to send it`;
  const { failure } = dispatched.reply;
  const isSent = failure === null && dispatched.exitCode === 0;
  return isSent
    ? null
    : `${sender} could not send it: ${foreignText(failure ?? dispatched.reply.text)}`;
}
