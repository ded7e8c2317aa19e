import { PhaseTimer } from "../../calls/phases.ts";
import type { Delivery } from "../../calls/record.ts";
import { claimantOf } from "../../fleet/claimant.ts";
import type { Dispatched } from "../../fleet/dispatch.ts";
import { type Host, withoutBackend } from "../../fleet/host.ts";
import type { Work } from "../../fleet/transport.ts";
import type { CallContext } from "../../mcp/tool.ts";
import { type RemoteToolOptions, toDelivery } from "../definition.ts";
import { luaQuote } from "../lua_quote.ts";
import type { Answered } from "../result.ts";

/** Asks one host about its jobs, perhaps again and again, on behalf of one call. */
export interface Asking extends Disposable {
  readonly ask: (work: JobWork) => Promise<Answered>;
}

/** What is asked, as far as it differs from one question to the other. */
export type JobWork = Pick<Work, "tool" | "args" | "readOnly" | "runMs" | "procedure">;

/** Longest answer of an agent: 1 MiB of an output as JSON, twice. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * Makes an `Asking`. A backend that knows no jobs is passed over where there is ssh. The call is
 * recorded as delivered once, as the last question was, when this is disposed of.
 */
export function openAsking(
  host: Host,
  context: CallContext,
  { dispatch, beforeSend, now }: Pick<RemoteToolOptions, "dispatch" | "beforeSend" | "now">,
): Asking {
  const { principal, signal, traceparent, record } = context;
  const overSsh = withoutBackend(host);
  let way = host;
  let last: Delivery | null = null;
  let isPermitted = false;

  async function send(work: JobWork): Promise<Dispatched> {
    const phases = new PhaseTimer(now);
    const declared = Object.keys(work.args);
    const whole = { ...work, declared, payloadBytes: 0, maxAnswerBytes: MAX_ANSWER_BYTES };
    const claimant = claimantOf(principal);
    const call = { claimant, signal, traceparent, onProgress: null, phases };
    const dispatched = await dispatch(way, whole, call);
    last = toDelivery(host.name, dispatched, phases.times());
    return dispatched;
  }

  async function ask(work: JobWork): Promise<Answered> {
    if (!isPermitted) {
      const obstacle = await beforeSend?.(record, work) ?? null;
      if (obstacle !== null) return { kind: "refused", reason: obstacle };
      isPermitted = true;
    }
    const dispatched = await send(work);
    if (!hasNoTool(dispatched, work.tool)) return dispatched;
    if (host.sshHost === null || way === overSsh) {
      const reason = `the server of ${luaQuote(host.name)} has no jobs, and there is no ssh to it`;
      return { kind: "refused", reason };
    }
    way = overSsh;
    return await send(work);
  }

  return {
    ask,
    [Symbol.dispose]: () => {
      if (last !== null) record.deliveries.push(last);
    },
  };
}

/** Whether a host's backend has said that it has no such tool, and nothing else was of help. */
export function hasNoTool(dispatched: Dispatched, tool: string): boolean {
  if (dispatched.kind === "not_delivered") {
    const [first, second] = dispatched.errors;
    // Of the errors by which something did not run, only that one is the backend's own.
    return first?.reason.startsWith("rpc: ") === true && second?.isMissing !== false;
  }
  if (dispatched.kind !== "ran" || dispatched.via === "ssh") return false;
  const { failure } = dispatched.reply;
  const name = `["'\`]?${RegExp.escape(tool)}["'\`]?`;
  return failure !== null && new RegExp(
    `^(MCP error -?\\d+: )?((unknown|no such) tool|tool ${name} not found|tool not found)`,
    "i",
  ).test(failure.slice(0, 200));
}
