import { within } from "../base/within.ts";
import type { Clocks, Health, HostState, Sighting } from "./health.ts";
import type { Host } from "./host.ts";
import { createLimiter } from "./limiter.ts";
import type { Lmcp } from "./lmcp/client.ts";
import { describeFailure } from "./outcome.ts";
import type { Ssh } from "./ssh/client.ts";

/** ssh is tried when lmcp has not answered for so long, so that a silent port costs little. */
const HEAD_START_MS = 1_000;
/** Probes at once. */
const PROBES = 1_000;
/** A listing waits so long beyond the connect timeout, and then tells what is known by then. */
const LISTING_MARGIN_MS = 1_500;
/** Longest answer to `tools/list` that is read. */
const MAX_LIST_BYTES = 4 * 1024 * 1024;
/** Probes begun without a pause: a thousand at once would keep the first from seeing their answers. */
const BURST = 50;
/** Longest wait for a place to probe in. */
const QUEUE_MS = 600_000;
const TIMED_OUT = { error: "timeout", detail: "timeout" };
const PROBE_SCRIPT = {
  script: ":",
  input: null,
  limits: { headBytes: 1024, tailBytes: 0 },
  wholeOutput: false,
};

/** What `createProber()` needs. */
export interface ProberOptions {
  readonly lmcp: Lmcp;
  readonly ssh: Ssh;
  readonly health: Health;
  /** Whether ssh connections are reused and kept. */
  readonly reuse: boolean;
  readonly clocks: Clocks;
  /** Ends all probes under way. */
  readonly signal: AbortSignal;
}

/** Looks at hosts. */
export interface Prober {
  /** Probes a host and records what it saw. One probe a host at a time: callers share it. */
  readonly probe: (host: Host) => Promise<HostState>;
  /**
   * The states of all hosts, in the same order; those that are due, or all with `force`, are
   * probed at once. A host that has not answered within its connect timeout and 1.5 s is given as
   * it looks by then; its probe goes on, and is recorded when it ends.
   */
  readonly survey: (
    hosts: readonly Host[],
    options: { readonly force: boolean },
  ) => Promise<ReadonlyMap<Host, HostState>>;
  /** Resolves when no probe is under way. */
  readonly settled: () => Promise<void>;
}

/** Makes a `Prober`. */
export function createProber(options: ProberOptions): Prober {
  const underWay = new Map<Host, ProbeUnderWay>();
  const limiter = createLimiter({ running: PROBES, waiting: Infinity, waitMs: QUEUE_MS });

  async function look(host: Host, seen: Seen): Promise<HostState> {
    const place = await limiter.acquire(options.signal);
    if (typeof place === "string") return soFar(host, seen);
    using _place = place;
    await lookOverBoth(host, seen, options);
    return options.health.record(host, verdict(host, seen));
  }

  function soFar(host: Host, seen: Seen): HostState {
    const now = options.clocks.wall();
    return { ...verdict(host, seen), checkedAt: now, nextProbeAt: now };
  }

  function start(host: Host): ProbeUnderWay {
    const known = underWay.get(host);
    if (known !== undefined) return known;
    const seen: Seen = { lmcp: null, ssh: null };
    const state = look(host, seen).finally(() => underWay.delete(host));
    const probe = { state, soFar: () => soFar(host, seen) };
    underWay.set(host, probe);
    return probe;
  }

  async function stateInTime(host: Host, force: boolean): Promise<HostState> {
    const known = options.health.stateOf(host);
    if (!force && known !== null && !options.health.isDue(host)) return known;
    const probe = start(host);
    const limitMs = host.timeouts.connectMs + LISTING_MARGIN_MS;
    const state = await within(probe.state, limitMs, options.signal);
    return typeof state === "string" ? probe.soFar() : state;
  }

  return {
    probe: (host) => start(host).state,
    survey: async (hosts, { force }) => {
      const states: Promise<readonly [Host, HostState]>[] = [];
      for (const [index, host] of hosts.entries()) {
        if (index % BURST === BURST - 1) await letOthersRun();
        states.push(stateInTime(host, force).then((state) => [host, state]));
      }
      return new Map(await Promise.all(states));
    },
    settled: async () => {
      await Promise.all([...underWay.values()].map((probe) => probe.state));
    },
  };
}

/** A turn of the event loop, in which connections are made and answers read. */
function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

interface ProbeUnderWay {
  readonly state: Promise<HostState>;
  readonly soFar: () => HostState;
}

/** What one transport has shown. */
type Look =
  | { readonly up: true; readonly toolCount: number | null; readonly latencyMs: number }
  | { readonly up: false; readonly error: string; readonly detail: string };

/** What a probe has seen so far; null: no answer yet, or not tried. */
interface Seen {
  lmcp: Look | null;
  ssh: Look | null;
}

/** lmcp first; ssh beside it when lmcp fails or keeps silent. */
async function lookOverBoth(host: Host, seen: Seen, options: ProberOptions): Promise<void> {
  const lmcp = host.lmcpUrl === null ? Promise.resolve() : lookOverLmcp(host, options).then(
    (look) => {
      seen.lmcp = look;
      if (look.up) lmcpIsUp.abort();
    },
  );
  const lmcpIsUp = new AbortController();
  await within(lmcp, HEAD_START_MS);
  if (host.sshHost !== null && !seen.lmcp?.up) {
    const signal = AbortSignal.any([options.signal, lmcpIsUp.signal]);
    seen.ssh = await lookOverSsh(host, options, signal);
  }
  await lmcp;
}

async function lookOverLmcp(host: Host, options: ProberOptions): Promise<Look> {
  const startedAt = options.clocks.monotonic();
  const result = await options.lmcp.send(host, {
    method: "tools/list",
    params: {},
    deadlineMs: host.timeouts.connectMs + host.timeouts.lmcpMs,
    maxBytes: MAX_LIST_BYTES,
    signal: options.signal,
    traceparent: null,
    onProgress: null,
  });
  const failure = result.kind === "failed" ? result.failure : null;
  options.health.recordPort(host, failure?.kind === "connect" && failure.timedOut);
  if (failure !== null) return down(describeFailure(failure));
  const tools = result.kind === "answer" ? result.result.tools : null;
  if (!Array.isArray(tools)) return down("nil");
  const latencyMs = Math.round(options.clocks.monotonic() - startedAt);
  return { up: true, toolCount: tools.length, latencyMs };
}

async function lookOverSsh(
  host: Host,
  options: ProberOptions,
  signal: AbortSignal,
): Promise<Look> {
  const startedAt = options.clocks.monotonic();
  const result = await options.ssh.run(host, PROBE_SCRIPT, {
    runMs: host.timeouts.sshHardMs,
    reuse: options.reuse,
    signal,
    traceparent: null,
    onProgress: null,
  });
  const latencyMs = Math.round(options.clocks.monotonic() - startedAt);
  if (result.kind === "ran") return { up: true, toolCount: null, latencyMs };
  const exitCode = result.kind === "not_delivered" ? result.exitCode : null;
  return down(exitCode === null ? result.reason : `rc=${exitCode}`, result.reason);
}

function down(error: string, detail = error): Look {
  return { up: false, error, detail };
}

/** What is known by now. A transport that has not answered yet counts as timed out. */
function verdict(host: Host, seen: Seen): Sighting {
  const up = (via: "lmcp" | "ssh", toolCount: number | null, latencyMs: number): Sighting => (
    { up: true, via, error: null, detail: null, toolCount, latencyMs }
  );
  if (seen.lmcp?.up) return up("lmcp", seen.lmcp.toolCount, seen.lmcp.latencyMs);
  if (seen.ssh?.up) return up("ssh", null, seen.ssh.latencyMs);
  const lmcp = host.lmcpUrl === null ? null : seen.lmcp ?? TIMED_OUT;
  const ssh = host.sshHost === null ? null : seen.ssh ?? TIMED_OUT;
  // As in the Lua hub, the semicolon stands there for a host without lmcp, too.
  const error = (lmcp ? `lmcp: ${lmcp.error}` : "") + (ssh ? `; ssh: ${ssh.error}` : "");
  const detail = [lmcp && `lmcp: ${lmcp.detail}`, ssh && `ssh: ${ssh.detail}`]
    .filter((part) => part !== null).join("; ");
  return {
    up: false,
    via: null,
    error: error || null,
    detail: detail || null,
    toolCount: null,
    latencyMs: null,
  };
}
