import { isDeepStrictEqual } from "node:util";
import type { HostGroups } from "../../fleet/host.ts";
import type { PastCall } from "../../history/reader.ts";
import type { HostRow, Sparklines, Tiles } from "../../http/pages/fleet/model.ts";
import type { FleetSnapshot } from "../../http/pages/fleet/view.ts";
import type { CallInProgress } from "../../mcp/in_flight.ts";
import { approvalRows, NO_APPROVALS } from "./approvals.ts";
import { CallRows, type PastRows, runningCalls } from "./calls.ts";
import { type CallFacts, HostRows } from "./rows.ts";
import { shownText, type Sources } from "./sources.ts";
import { toTiles } from "./tiles.ts";
import { type PageViewer, viewerOf } from "./viewer.ts";

/** Characters of what is wrong with the registry, in one problem. */
const MAX_PROBLEM = 500;
/** How long medians by minute may be those of before. */
const SPARKLINES_MS = 10_000;

/** The last call of each host, and what that was found in. */
interface LastCalls {
  readonly calls: readonly PastCall[];
  readonly visible: unknown;
  readonly of: CallFacts["last"];
}

/** What one principal sees of the fleet; what does not change is the same object. */
export class Snapshots {
  readonly #principal: string;
  readonly #sources: Sources;
  readonly #hosts: HostRows;
  readonly #calls: CallRows;
  #last: LastCalls | null = null;
  #groups: { readonly of: HostGroups; readonly version: number } | null = null;
  #snapshot: FleetSnapshot | null = null;
  #version: number | null = null;
  #sparklines: { readonly key: unknown; readonly at: number; readonly of: Sparklines } | null =
    null;

  constructor(principal: string, sources: Sources, past: PastRows) {
    this.#principal = principal;
    this.#sources = sources;
    this.#hosts = new HostRows(sources);
    this.#calls = new CallRows(sources, past);
  }

  /** Nothing is computed where the version is that of before; null: it is not known. */
  read(version: number | null): FleetSnapshot {
    const isCurrent = version !== null && version === this.#version;
    if (this.#snapshot !== null && isCurrent) return this.#snapshot;
    this.#version = version;
    return this.#snapshot = this.#update(this.#snapshot);
  }

  /** The row of a host, as of the last snapshot; null: there is no such host. */
  rowOf(name: string): HostRow | null {
    return this.#hosts.find(name);
  }

  sparklines(): Sparklines {
    const { history, clock } = this.#sources;
    const { visible } = viewerOf(this.#principal, this.#sources);
    const known = this.#sparklines;
    const at = clock.wall();
    const isFresh = known !== null && Math.abs(at - known.at) < SPARKLINES_MS &&
      known.key === visible;
    if (isFresh) return known.of;
    const of = Object.fromEntries(
      [...visible.hosts.keys()].flatMap((name) => {
        const medians = history.mediansOf(name);
        return medians === null ? [] : [[name, medians]];
      }),
    );
    this.#sparklines = { key: visible, at, of };
    return of;
  }

  #update(before: FleetSnapshot | null): FleetSnapshot {
    const viewer = viewerOf(this.#principal, this.#sources);
    const running = runningCalls(this.#sources);
    const calls = this.#calls.update(viewer, running);
    const hosts = this.#hosts.update(viewer.visible, {
      running: countByHost(running, viewer),
      last: this.#lastCalls(viewer),
    });
    const snapshot = {
      problems: keep(before?.problems, this.#problems()),
      tiles: keep(before?.tiles, this.#tiles(viewer, { hosts, calls })),
      hosts,
      groups: this.#groupsVersion(viewer),
      calls,
      approvals: keep(before?.approvals, this.#approvals()),
    };
    return before !== null && isSame(before, snapshot) ? before : snapshot;
  }

  #groupsVersion({ visible: { groups } }: PageViewer): number {
    const last = this.#groups ?? { of: groups, version: 0 };
    const isSame = last.of === groups || isDeepStrictEqual(last.of, groups);
    this.#groups = { of: groups, version: isSame ? last.version : last.version + 1 };
    return this.#groups.version;
  }

  #approvals(): FleetSnapshot["approvals"] {
    const { approvals = NO_APPROVALS, state } = this.#sources;
    return approvalRows(this.#principal, { approvals, hub: state() });
  }

  #problems(): readonly string[] {
    const hub = this.#sources.state();
    return hub.access.problemsFor(this.#principal)
      .map((problem) => shownText(problem, hub, MAX_PROBLEM));
  }

  #tiles(
    { isOperator, principal }: PageViewer,
    { hosts, calls: { running } }: Pick<FleetSnapshot, "hosts" | "calls">,
  ): Tiles {
    const counts = this.#sources.history.countsOf(isOperator ? null : principal);
    return toTiles({ hosts, running, counts });
  }

  #lastCalls({ visible, maySee }: PageViewer): CallFacts["last"] {
    const calls = this.#sources.history.calls();
    if (this.#last?.calls === calls && this.#last.visible === visible) return this.#last.of;
    const of = new Map<string, PastCall>();
    for (const call of calls) {
      if (!maySee(call)) continue;
      for (const name of call.names) if (!of.has(name)) of.set(name, call);
    }
    this.#last = { calls, visible, of };
    return of;
  }
}

function countByHost(
  running: readonly CallInProgress[],
  { maySee }: PageViewer,
): CallFacts["running"] {
  const counts = new Map<string, number>();
  for (const { principal, hosts } of running) {
    if (!maySee({ principal, names: hosts })) continue;
    for (const name of hosts) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** The older one, if it is equal. */
function keep<T>(before: T | undefined, now: T): T {
  return before !== undefined && isDeepStrictEqual(before, now) ? before : now;
}

function isSame(a: FleetSnapshot, b: FleetSnapshot): boolean {
  return a.problems === b.problems && a.tiles === b.tiles && a.hosts === b.hosts &&
    a.groups === b.groups && a.calls === b.calls && a.approvals === b.approvals;
}
