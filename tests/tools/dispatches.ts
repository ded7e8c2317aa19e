import { readReply } from "../../lib/fleet/backend/reply.ts";
import type { Dispatch, TransportError } from "../../lib/fleet/dispatch.ts";
import type { Via } from "../../lib/fleet/transport.ts";
import { OutputCapture } from "../../lib/shell/output.ts";
import type { ScriptFacts, ScriptRun } from "../../lib/work/script.ts";

/** A call that is not claimed, to a host of which nothing is known. */
const NO_FACTS: ScriptFacts = { claimId: null, agentClaims: null };

/** Output that holds a text, on stdout unless said otherwise. */
export function outputOf(text: string, stream: "stdout" | "stderr" = "stdout"): OutputCapture {
  const capture = new OutputCapture({ headBytes: 1024 * 1024, tailBytes: 0 });
  capture.write(stream, new TextEncoder().encode(text));
  return capture;
}

/** A dispatch to a host whose backend gives this result to every call. */
export function backendGives(result: Record<string, unknown>): Dispatch {
  return () =>
    Promise.resolve({
      kind: "ran",
      via: "lmcp",
      reply: readReply(result),
      exitCode: null,
      errors: [],
      fallbackReason: null,
    });
}

/** A dispatch that falls back to ssh, where every script ends like this. */
export function sshGives(run: ScriptRun, lmcpReason: string): Dispatch {
  return (_host, work) => {
    if (work.procedure === null) throw new TypeError(`"${work.tool}" has no script`);
    return Promise.resolve({
      kind: "ran",
      via: "ssh",
      reply: work.procedure(NO_FACTS).read(run),
      exitCode: run.exitCode,
      errors: [{ via: "lmcp", reason: lmcpReason, isMissing: false }],
      fallbackReason: lmcpReason,
    });
  };
}

/** Why a host's transports did not do it. */
export function errorsOf(reasons: Partial<Record<Via, string>>): readonly TransportError[] {
  const { lmcp, ssh } = reasons;
  return [
    ...(lmcp === undefined ? [] : [errorOf("lmcp", lmcp)]),
    ...(ssh === undefined ? [] : [errorOf("ssh", ssh)]),
  ];
}

function errorOf(via: Via, reason: string): TransportError {
  return { via, reason, isMissing: reason.endsWith(" configured") };
}
