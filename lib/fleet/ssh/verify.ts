import type { Reply } from "../../work/reply.ts";
import type { Procedure, ScriptRun, Verification, VerifiedState } from "../../work/script.ts";
import { HUB } from "../claimant.ts";
import type { Host } from "../host.ts";
import type { Verify } from "../transport.ts";
import type { Ssh } from "./client.ts";

/** How long a host may take to look. */
const VERIFY_MS = 10_000;
const UNDONE = "nothing has changed";

/** Who looks where. */
export interface VerifyOptions {
  readonly host: Host;
  readonly ssh: Ssh;
}

/** Makes what looks on a host whether some work was done. */
export function createVerify(verification: Verification, options: VerifyOptions): Verify {
  return async function verify(unknown, { isOver, signal }) {
    const seen = await look(verification, { ...options, signal });
    const because = (what: string) => `${unknown.reason}; ${what}`;
    switch (seen?.state) {
      case "done":
        return { kind: "ran", reply: seen.reply, exitCode: 0 };
      case "undone":
        return isOver
          ? { kind: "not_run", reason: because(UNDONE) }
          : { ...unknown, reason: because(`${UNDONE} so far`) };
      case "unclear":
        return seen.found === null ? unknown : { ...unknown, reason: because(seen.found) };
      case undefined:
        return unknown;
    }
  };
}

/** Reads what a script wrote. One that was ended may have done its work before. */
export async function readOrVerify(
  { read, verify }: Procedure,
  run: ScriptRun,
  options: VerifyOptions & { readonly signal: AbortSignal },
): Promise<Reply> {
  const reply = read(run);
  if (verify === undefined || run.ended === "itself" || reply.failure === null) return reply;
  const seen = await look(verify, options);
  return seen?.state === "done" ? seen.reply : reply;
}

/** Null: nobody could look. */
async function look(
  verification: Verification,
  { host, ssh, signal }: VerifyOptions & { readonly signal: AbortSignal },
): Promise<VerifiedState | null> {
  const result = await ssh.run(host, verification, {
    runMs: VERIFY_MS,
    reuse: true,
    claimant: HUB,
    signal,
    traceparent: null,
    onProgress: null,
  });
  return result.kind === "ran" ? verification.readState(result) : null;
}
