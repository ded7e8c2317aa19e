import { inBursts } from "../base/bursts.ts";
import type { Clock } from "../base/time/clock.ts";
import { formatError } from "../base/text/error_text.ts";
import { within } from "../base/time/within.ts";
import { HUB } from "./claimant.ts";
import type { HostState, Observation } from "./health.ts";
import { hasBackend, type Host } from "./host.ts";
import { createLimiter } from "./limiter.ts";
import type { Link } from "./link.ts";
import type { ProbeResult, Transport, Via } from "./transport.ts";

/** The next transport is probed when one has not answered for so long: a silent port costs little. */
const HEAD_START_MS = 1_000;
/** Probes at once. */
const PROBES = 1_000;
/** A listing waits so long beyond the connect timeout, and then returns what is known. */
const LISTING_MARGIN_MS = 1_500;
/** Longest wait for a place to probe in. */
const QUEUE_MS = 600_000;
const TIMED_OUT: ProbeResult = { up: false, error: "timeout", detail: "timeout" };

/** Options of `createProber()`. */
export interface ProberOptions {
  readonly linkTo: (host: Host) => Link;
  /** Called with what a probe has shown. */
  readonly onProbed?: (host: Host, state: HostState) => void;
  readonly clock: Clock;
  /** Ends all probes under way. */
  readonly signal: AbortSignal;
}

/** Probes hosts. */
export interface Prober {
  /** Probes a host and records the result. One probe a host at a time: callers share it. */
  readonly probe: (host: Host) => Promise<HostState>;
  /**
   * The states of all hosts, in the same order; those that are due, or all with `force`, are
   * probed at once, with `force` after a new login where there is one. A host that has not answered
   * within its connect timeout and 1.5 s is listed with what is known by then; its probe goes on, and is
   * recorded when it ends.
   */
  readonly listStates: (
    hosts: readonly Host[],
    options: { readonly force: boolean },
  ) => Promise<ReadonlyMap<Host, HostState>>;
  /** Resolves when no probe is under way. */
  readonly settled: () => Promise<void>;
}

/** Makes a `Prober`. */
export function createProber(
  { linkTo, onProbed = () => {}, clock, signal }: ProberOptions,
): Prober {
  const underWay = new Map<Host, ProbeUnderWay>();
  const limiter = createLimiter({ running: PROBES, waiting: Infinity, waitMs: QUEUE_MS, clock });

  async function run(link: Link, results: ProbeResults): Promise<HostState> {
    const place = await limiter.acquire(HUB, signal);
    if (typeof place === "string") return soFar(link, results);
    using _place = place;
    await probeTransports(link, results, signal);
    const state = link.health.record(conclude(link, results));
    onProbed(link.host, state);
    return state;
  }

  function soFar(link: Link, results: ProbeResults): HostState {
    const now = clock.wall();
    return { ...conclude(link, results), checkedAt: now, nextProbeAt: now };
  }

  function start(host: Host): ProbeUnderWay {
    const known = underWay.get(host);
    if (known !== undefined) return known;
    const link = linkTo(host);
    const results: ProbeResults = new Map();
    const state = run(link, results).finally(() => underWay.delete(host));
    const probe = { state, soFar: () => soFar(link, results) };
    underWay.set(host, probe);
    return probe;
  }

  async function stateInTime(host: Host, force: boolean): Promise<HostState> {
    const { health, transports } = linkTo(host);
    const known = health.state();
    if (!force && known !== null && !health.isDue()) return known;
    if (force) transports.forEach(({ renew }) => renew?.());
    const probe = start(host);
    const state = await within(probe.state, listingMs(host), signal);
    return typeof state === "string" ? probe.soFar() : state;
  }

  return {
    probe: (host) => start(host).state,
    listStates: async (hosts, { force }) => {
      const states = await inBursts(hosts, async (host) => (
        [host, await stateInTime(host, force)] as const
      ));
      return new Map(states);
    },
    settled: async () => {
      await Promise.all([...underWay.values()].map((probe) => probe.state));
    },
  };
}

/** How long a listing of many hosts waits for one of them. */
export function listingMs({ timeouts }: Host): number {
  return timeouts.connectMs + LISTING_MARGIN_MS;
}

interface ProbeUnderWay {
  readonly state: Promise<HostState>;
  readonly soFar: () => HostState;
}

/** What each transport has shown so far; one that is missing has not answered, or was not tried. */
type ProbeResults = Map<Via, ProbeResult>;

function existing({ transports }: Link): Transport[] {
  return transports.filter(({ missing }) => missing === null);
}

/**
 * Probes the host's transports in order: each when the one before it has failed, or has kept silent
 * for its head start. One that is up ends the probes of those behind it.
 */
async function probeTransports(
  link: Link,
  results: ProbeResults,
  signal: AbortSignal,
): Promise<void> {
  const betterIsUp = new AbortController();
  const running: Promise<void>[] = [];
  for (const transport of existing(link)) {
    if ([...results.values()].some(({ up }) => up)) break;
    const isFirst = running.length === 0;
    const ending = isFirst ? signal : AbortSignal.any([signal, betterIsUp.signal]);
    const probing = probeSafely(transport, ending).then((result) => {
      results.set(transport.via, result);
      if (result.up && isFirst) betterIsUp.abort();
    });
    running.push(probing);
    await within(probing, HEAD_START_MS);
  }
  await Promise.all(running);
}

/** The trouble of one host, even a bug, must not become that of all who are listed with it. */
async function probeSafely(transport: Transport, signal: AbortSignal): Promise<ProbeResult> {
  try {
    return await transport.probe(signal);
  } catch (error) {
    const reason = formatError(error);
    return { up: false, error: reason, detail: reason };
  }
}

/** What is known by now. A transport that has not answered yet counts as timed out. */
function conclude(link: Link, results: ProbeResults): Observation {
  const transports = existing(link);
  for (const { via } of transports) {
    const result = results.get(via);
    if (result?.up) {
      const { toolCount, latencyMs } = result;
      const up = { up: true, via, error: null, detail: null, toolCount, latencyMs };
      const [first] = transports;
      const fault = first === undefined || first.via === via ? null : faultOf(results, first.via);
      return fault === null ? up : { ...up, fallbackReason: `${fault.via}: ${fault.detail}` };
    }
  }
  const faults = transports.flatMap(({ via }) => faultOf(results, via) ?? []);
  // As in the Lua hub, the semicolon stands there for a host without lmcp, too.
  const error = faults.map((fault, index) =>
    `${fault.via === "ssh" && !hasBackend(link.host) || index > 0 ? "; " : ""}` +
    `${fault.via}: ${fault.error}`
  ).join("");
  const detail = faults.map((fault) => `${fault.via}: ${fault.detail}`).join("; ");
  return {
    up: false,
    via: null,
    error: error || null,
    detail: detail || null,
    toolCount: null,
    latencyMs: null,
  };
}

/** Why a transport is not up; null: it is. */
function faultOf(results: ProbeResults, via: Via) {
  const result = results.get(via) ?? TIMED_OUT;
  return result.up ? null : { via, ...result };
}
