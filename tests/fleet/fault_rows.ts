import { z } from "zod";
import type { Host } from "../../lib/fleet/host.ts";
import type { LabBackend } from "../lab/backend.ts";
import { createNonce } from "../lab/executions.ts";
import type { FakeSsh } from "../lab/fake_ssh.ts";
import { openHub } from "../lab/hub.ts";
import { REMOTE_CALLS, type RemoteCall } from "../lab/remote_calls.ts";
import type { Row } from "./fault_table.ts";

const structuredSchema = z.object({
  outcome: z.string(),
  via: z.string().nullable(),
  fallback_reason: z.string().nullable(),
  error: z.string().nullable(),
});

/** One call that was made, and what came of it. */
export interface CallSeen extends Row {
  readonly text: string;
}

/** Where calls go to: a host, its backend if it has one, and ssh. */
export interface Target {
  readonly host: Host;
  readonly backend: LabBackend | null;
  readonly ssh: FakeSsh;
}

/** Calls every remote tool at once, each on a target of its own. */
export async function callEveryTool(
  openTarget: (call: RemoteCall) => Promise<Target>,
): Promise<ReadonlyMap<string, CallSeen>> {
  const rows = REMOTE_CALLS.map(async (call) => {
    const target = await openTarget(call);
    try {
      return [call.tool, await callOnce(call, target)] as const;
    } finally {
      await target.backend?.stop();
    }
  });
  return new Map(await Promise.all(rows));
}

async function callOnce(call: RemoteCall, { host, backend, ssh }: Target): Promise<CallSeen> {
  await using hub = openHub({ hosts: [host], ssh });
  const nonce = createNonce();
  const result = await hub.call(call.tool, { host: host.name, ...call.args(nonce) });
  const structured = structuredSchema.parse(result.structuredContent);
  const [first] = result.content;
  return {
    outcome: structured.outcome,
    via: structured.via,
    isError: result.isError === true,
    hasFallbackReason: structured.fallback_reason !== null,
    lmcpRuns: backend?.executions.count(nonce) ?? 0,
    sshRuns: ssh.executions.count(nonce),
    text: first?.type === "text" ? first.text : "",
  };
}
