import { inBursts } from "../base/bursts.ts";
import { within } from "../base/time/within.ts";
import type { Budget } from "../calls/budget.ts";
import type { Claimant } from "../calls/claimant.ts";
import { type BackendTool, listTools, type ToolList } from "./backend/tool_list.ts";
import type { Host } from "./host.ts";
import type { Link } from "./link.ts";
import type { BackendWay } from "./backend/way.ts";
import { causeOf, describeFailure, mayHaveRun } from "./outcome.ts";
import { listingMs } from "./probe.ts";

/** Longest list of tools that is read of one backend, in bytes for each page. */
const MAX_PAGE_BYTES = 1024 * 1024;

const NOT_ASKED = { mayHaveRun: false };
/** Why there is no answer to what was given up, as `describeFailure()` says it too. */
const CANCELLED = "cancelled";

/** Who asks for tools. */
export interface Asker {
  readonly claimant: Claimant;
  readonly signal: AbortSignal;
  /** W3C trace context, passed on to the backends. */
  readonly traceparent: string | null;
}

/** What a host's backend offers, or why that is not known. */
export type Offer<T> =
  | {
    readonly kind: "known";
    readonly via: BackendWay["via"];
    readonly tools: T;
    readonly unusable: number;
  }
  | {
    readonly kind: "unknown";
    readonly via: BackendWay["via"];
    readonly reason: string;
    /** Whether the backend may have been asked. */
    readonly mayHaveRun: boolean;
  };

/** What is asked of hosts. */
export interface Question<T> {
  /** What is wanted of a host's tools; called as soon as they are known, and they are let go. */
  readonly pick: (tools: readonly BackendTool[], host: Host) => T;
  readonly asker: Asker;
}

/** The tools that hosts' backends have, asked for each time: nothing is remembered. */
export interface Inventory {
  /** The tools of one host, waited for as long as its time limits allow. */
  readonly ofHost: <T>(host: Host, question: Question<T>) => Promise<Offer<T>>;
  /**
   * Those of each host that has a backend, in the order of the hosts. All are asked at once; one that
   * has not answered within its connect timeout and 1.5 s is not waited for, and one whose port
   * timed out lately is not asked.
   */
  readonly ofHosts: <T>(
    hosts: readonly Host[],
    question: Question<T>,
  ) => Promise<ReadonlyMap<Host, Offer<T>>>;
}

/** Options of `createInventory()`. */
export interface InventoryOptions {
  readonly linkTo: (host: Host) => Link;
  readonly budget: Budget;
}

/** Makes an `Inventory`. */
export function createInventory({ linkTo, budget }: InventoryOptions): Inventory {
  async function askOneOfMany<T>(host: Host, question: Question<T>): Promise<Offer<T>> {
    const link = linkTo(host);
    const obstacles = link.backends.map((way) => way.findObstacle());
    const free = link.backends.filter((_way, index) => obstacles[index] === null);
    const [obstacle = null] = obstacles;
    return free.length > 0 || obstacle === null
      ? await askWithin(listingMs(host), { link, ways: free, budget, ...question })
      : unknown(obstacle, NOT_ASKED);
  }

  return {
    ofHost: (host, question) => {
      const { connectMs, lmcpMs } = host.timeouts;
      const link = linkTo(host);
      const limitMs = 2 * (connectMs + lmcpMs);
      return askWithin(limitMs, { link, ways: link.backends, budget, ...question });
    },
    ofHosts: async (hosts, question) => {
      const known = hosts.filter((host) => linkTo(host).backends.length > 0);
      const offers = await inBursts(known, async (host) => (
        [host, await askOneOfMany(host, question)] as const
      ));
      return new Map(offers);
    },
  };
}

interface Asking<T> extends Question<T> {
  readonly link: Link;
  /** In the order in which they are tried. */
  readonly ways: readonly BackendWay[];
  readonly budget: Budget;
}

async function askWithin<T>(limitMs: number, asking: Asking<T>): Promise<Offer<T>> {
  const { asker } = asking;
  const givingUp = new AbortController();
  const signal = AbortSignal.any([asker.signal, givingUp.signal]);
  const offer = ask({ ...asking, asker: { ...asker, signal } });
  const inTime = await within(offer, limitMs, asker.signal);
  if (typeof inTime !== "string") return inTime;
  givingUp.abort();
  const late = await offer;
  return late.kind === "unknown" && late.reason === CANCELLED ? { ...late, reason: inTime } : late;
}

/** Over the next way when one returns no list: a list only reads. */
async function ask<T>(asking: Asking<T>): Promise<Offer<T>> {
  let last: Offer<T> = unknown("no url configured", NOT_ASKED);
  for (const way of asking.ways) {
    last = await askOver(way, asking);
    if (last.kind === "known" || asking.asker.signal.aborted) break;
  }
  return last;
}

async function askOver<T>(
  way: BackendWay,
  { link, budget, pick, asker }: Asking<T>,
): Promise<Offer<T>> {
  const { host } = link;
  const { via, backend, limiter } = way;
  const place = await limiter.acquire(asker.claimant, asker.signal);
  if (place === "cancelled") return unknown(CANCELLED, NOT_ASKED, via);
  if (typeof place === "string") {
    const reason = `busy: ${limiter.running} calls to this host are running, try again later`;
    return unknown(reason, NOT_ASKED, via);
  }
  using _place = place;
  using lease = budget.lease(asker.claimant);
  const list = await listTools(backend, {
    deadlineMs: host.timeouts.connectMs + host.timeouts.lmcpMs,
    maxBytes: MAX_PAGE_BYTES,
    room: lease,
    signal: asker.signal,
    traceparent: asker.traceparent,
  });
  learn(list, way);
  if (list.kind === "failed") {
    const { failure } = list;
    return unknown(describeFailure(failure), { mayHaveRun: mayHaveRun(failure, "") }, via);
  }
  return { kind: "known", via, tools: pick(list.tools, host), unusable: list.unusable };
}

/** What an answer, or a failure, says of the host's port. */
function learn(list: ToolList, { recordPort }: BackendWay): void {
  const cause = list.kind === "failed" ? causeOf(list.failure) : null;
  if (cause?.kind === "connect") recordPort(cause.timedOut);
  else if (cause === null) recordPort(false);
}

function unknown(
  reason: string,
  { mayHaveRun }: { readonly mayHaveRun: boolean },
  via: BackendWay["via"] = "lmcp",
): Offer<never> {
  return { kind: "unknown", via, reason, mayHaveRun };
}
