import { describeUnknown } from "../../mcp/argument_problems.ts";
import { reasonIn } from "../../work/failure.ts";
import { HUB } from "../claimant.ts";
import type { Host } from "../host.ts";
import {
  type Attempt,
  type Call,
  type Look,
  missingTransport,
  payloadMs,
  type Transport,
  type Work,
} from "../transport.ts";
import type { Ssh, SshResult } from "./client.ts";

/** Shows that a command of the host can still start another one. */
const PROBE_SCRIPT = {
  source: "(exit 0) || exit 1\n",
  input: null,
  limits: { headBytes: 1024, tailBytes: 0 },
  wholeOutput: false,
};

/** What `createSshTransport()` needs. */
export interface SshTransportOptions {
  readonly ssh: Ssh;
  /** Whether probes use connections that are kept, and keep theirs. */
  readonly probesReuse: boolean;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

const isScript = ({ procedure }: Work) => procedure !== null;

/** The way to a host whose registry entry names no destination for ssh. */
export const NO_SSH = missingTransport("ssh", "no host configured", isScript);

/** The way to a host over ssh, for work that is a script too. */
export function createSshTransport(host: Host, options: SshTransportOptions): Transport {
  return {
    via: "ssh",
    missing: null,
    canDo: isScript,
    findObstacle: () => null,
    attempt: (work, call) => attemptSsh(host, options.ssh, work, call),
    renew: () => options.ssh.renew(host),
    probe: (signal) => probeSsh(host, options, signal),
  };
}

async function attemptSsh(host: Host, ssh: Ssh, work: Work, call: Call): Promise<Attempt> {
  if (work.procedure === null) throw new TypeError(`Tool "${work.tool}" has no script`);
  const unknown = Object.keys(work.args).filter((name) => !work.declared.includes(name));
  if (unknown.length > 0) {
    return { kind: "not_run", reason: describeUnknown(unknown, work.declared) };
  }
  const procedure = work.procedure();
  const runMs = work.runMs ?? host.timeouts.sshHardMs + payloadMs(work);
  const result = await ssh.run(host, procedure, { ...call, runMs, reuse: true });
  switch (result.kind) {
    case "ran":
      return { kind: "ran", reply: procedure.read(result), exitCode: result.exitCode };
    case "not_delivered":
      return { kind: "not_run", reason: result.reason };
    case "unknown":
      return { kind: "unknown", reason: result.reason, output: result.output.text() };
  }
}

async function probeSsh(
  host: Host,
  { ssh, probesReuse, now }: SshTransportOptions,
  signal: AbortSignal,
): Promise<Look> {
  const startedAt = now();
  const result = await ssh.run(host, PROBE_SCRIPT, {
    runMs: host.timeouts.sshHardMs,
    reuse: probesReuse,
    claimant: HUB,
    signal,
    traceparent: null,
    onProgress: null,
  });
  const latencyMs = Math.round(now() - startedAt);
  if (result.kind === "ran" && result.exitCode === 0) {
    return { up: true, toolCount: null, latencyMs };
  }
  const { exitCode, reason } = describeProbe(result);
  return { up: false, error: exitCode === null ? reason : `rc=${exitCode}`, detail: reason };
}

/** Why a probe has not shown that the host works. */
function describeProbe(result: SshResult): { exitCode: number | null; reason: string } {
  switch (result.kind) {
    case "ran": {
      const reason = `a command could not be run: ${reasonIn(result.output.text().stderr)}`;
      return { exitCode: result.exitCode, reason };
    }
    case "not_delivered":
      return result;
    case "unknown":
      return { exitCode: null, reason: result.reason };
  }
}
