import type { OutputCapture } from "../shell/output.ts";
import type { ByteBudget } from "./byte_budget.ts";
import type { Health, Via } from "./health.ts";
import type { Host } from "./host.ts";
import type { BackendResult, TryLmcp } from "./lmcp/attempt.ts";
import { type CallOptions, type Operation, payloadMs, type SshProcedure } from "./operation.ts";
import type { Ssh, SshRun } from "./ssh/client.ts";

/** What came of a call, whichever way it went. */
export type Answer =
  /** The backend answered, perhaps that the tool failed. */
  | { readonly kind: "lmcp"; readonly result: BackendResult }
  /** The script ran over ssh. */
  | { readonly kind: "ssh"; readonly run: SshRun; readonly fallbackReason: string }
  /** It certainly did not run. */
  | {
    readonly kind: "not_delivered";
    /** Why, for each transport that was considered: `lmcp: …`, `ssh: …`. */
    readonly errors: readonly string[];
    /** Why ssh was tried; null: it was not. */
    readonly fallbackReason: string | null;
  }
  /** It may have run, over `via`. */
  | {
    readonly kind: "unknown";
    readonly via: Via;
    readonly errors: readonly string[];
    readonly fallbackReason: string | null;
    /** Output that came before contact was lost. */
    readonly output: OutputCapture | null;
  };

/** Carries a tool's work to a host. Never rejects for what the host does. */
export type Dispatch = (
  host: Host,
  operation: Operation,
  call: CallOptions,
) => Promise<Answer>;

/** What `createDispatch()` needs. */
export interface DispatchOptions {
  readonly tryLmcp: TryLmcp;
  readonly ssh: Ssh;
  readonly health: Health;
  readonly budget: ByteBudget;
}

/**
 * Makes a `Dispatch`: lmcp first; ssh when lmcp certainly did not run the call, or when the call
 * only reads. This is the one place that sends a call a second time.
 */
export function createDispatch({ tryLmcp, ssh, health, budget }: DispatchOptions): Dispatch {
  async function fallBack(
    host: Host,
    operation: Operation,
    procedure: SshProcedure,
    call: CallOptions,
    lmcp: { readonly reason: string; readonly mayHaveRun: boolean },
  ): Promise<Answer> {
    const fallbackReason = lmcp.reason;
    const runMs = operation.runMs ?? host.timeouts.sshHardMs + payloadMs(operation);
    const result = await ssh.run(host, procedure, { ...call, runMs, reuse: true });
    if (result.kind === "ran") {
      health.recordUp(host, "ssh");
      return { kind: "ssh", run: result, fallbackReason };
    }
    const errors = [`lmcp: ${fallbackReason}`, `ssh: ${result.reason}`];
    if (result.kind === "not_delivered") return ended(lmcp.mayHaveRun, errors, fallbackReason);
    return { kind: "unknown", via: "ssh", errors, fallbackReason, output: result.output };
  }

  async function carry(host: Host, operation: Operation, call: CallOptions): Promise<Answer> {
    const attempt = await tryLmcp(host, operation, call);
    if (attempt.kind === "answered") return { kind: "lmcp", result: attempt.result };
    const mayHaveRun = attempt.kind !== "skipped" && attempt.knowledge === "unknown";
    const errors = [`lmcp: ${attempt.reason}`];
    if (attempt.kind === "stopped" || (mayHaveRun && !operation.readOnly)) {
      return ended(mayHaveRun, errors);
    }
    if (operation.ssh === null) return ended(mayHaveRun, errors);
    if (host.sshHost === null) return ended(mayHaveRun, [...errors, "ssh: no host configured"]);
    const lmcp = { reason: attempt.reason, mayHaveRun };
    return await fallBack(host, operation, operation.ssh(), call, lmcp);
  }

  async function carryRead(host: Host, operation: Operation, call: CallOptions): Promise<Answer> {
    using lease = budget.lease();
    return await carry(host, operation, { ...call, takeBytes: lease.take });
  }

  // The answer of what changes things is never turned away: its outcome would be unknown.
  return (host, operation, call) =>
    operation.readOnly ? carryRead(host, operation, call) : carry(host, operation, call);
}

function ended(
  mayHaveRunOverLmcp: boolean,
  errors: readonly string[],
  fallbackReason: string | null = null,
): Answer {
  if (!mayHaveRunOverLmcp) return { kind: "not_delivered", errors, fallbackReason };
  return { kind: "unknown", via: "lmcp", errors, fallbackReason, output: null };
}
