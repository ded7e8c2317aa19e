import type { Verification } from "../../work/script.ts";
import { HUB } from "../claimant.ts";
import type { Host } from "../host.ts";
import type { Verify } from "../transport.ts";
import type { Ssh } from "./client.ts";

/** How long a host may look. */
const VERIFY_MS = 10_000;
const UNDONE = "nothing has changed";

/** Makes what looks on a host whether some work was done. */
export function createVerify(
  verification: Verification,
  { host, ssh }: { readonly host: Host; readonly ssh: Ssh },
): Verify {
  return async function verify(unknown, { isOver, signal }) {
    const result = await ssh.run(host, verification, {
      runMs: VERIFY_MS,
      reuse: true,
      claimant: HUB,
      signal,
      traceparent: null,
      onProgress: null,
    });
    if (result.kind !== "ran") return unknown;
    const seen = verification.readState(result);
    const because = (what: string) => `${unknown.reason}; ${what}`;
    switch (seen.state) {
      case "done":
        return { kind: "ran", reply: seen.reply, exitCode: 0 };
      case "undone":
        return isOver
          ? { kind: "not_run", reason: because(UNDONE) }
          : { ...unknown, reason: because(`${UNDONE} so far`) };
      case "unclear":
        return seen.found === null ? unknown : { ...unknown, reason: because(seen.found) };
    }
  };
}
