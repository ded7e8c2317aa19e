import { getOrAdd } from "../../base/get_or_add.ts";
import type { PastCall } from "../../history/reader.ts";
import { foldNames } from "../../targets/fold_names.ts";
import type { CallRow, Calls } from "../../http/pages/fleet/model.ts";
import type { CallInProgress } from "../../mcp/in_flight.ts";
import type { HubState } from "../state.ts";
import { isOwnReading } from "./client.ts";
import { shownText, type Sources } from "./sources.ts";
import type { PageViewer } from "./viewer.ts";

/** Recent calls that are shown: of those that went well, and of the others. */
const MAX_RECENT = 60;
/** Characters of names of hosts. */
const MAX_HOSTS = 400;

/** Rows of calls that have ended, made once for all visitors. */
export class PastRows {
  #hub: HubState | null = null;
  #rows = new WeakMap<PastCall, CallRow>();

  rowOf(call: PastCall, hub: HubState): CallRow {
    // There may be other secrets now.
    if (this.#hub !== hub) {
      this.#hub = hub;
      this.#rows = new WeakMap();
    }
    return getOrAdd(this.#rows, call, () => toPastRow(call, hub));
  }
}

/** A call that runs, as it was shown last. */
interface KnownCall {
  readonly names: readonly string[];
  readonly row: CallRow;
}

/** The calls that one principal may see; what does not change is the same object. */
export class CallRows {
  readonly #sources: Sources;
  readonly #past: PastRows;
  #running = new Map<string, KnownCall>();
  #seen: { readonly calls: readonly PastCall[]; readonly hub: HubState } | null = null;
  #calls: Calls = { running: [], recent: [] };

  constructor(sources: Sources, past: PastRows) {
    this.#sources = sources;
    this.#past = past;
  }

  update(viewer: PageViewer, runningNow: readonly CallInProgress[]): Calls {
    const running = this.#updateRunning(viewer, runningNow);
    const recent = this.#updateRecent(viewer);
    if (running !== this.#calls.running || recent !== this.#calls.recent) {
      this.#calls = { running, recent };
    }
    return this.#calls;
  }

  #updateRunning(viewer: PageViewer, runningNow: readonly CallInProgress[]): Calls["running"] {
    const hub = this.#sources.state();
    const running = new Map<string, KnownCall>();
    for (const call of runningNow) {
      const { id, principal, hosts: names } = call;
      if (!viewer.maySee({ principal, names })) continue;
      const known = this.#running.get(id);
      // Its hosts may become known while it runs.
      const isKnown = known !== undefined && isSameList(known.names, names);
      running.set(id, isKnown ? known : { names, row: toRunningRow(call, hub) });
    }
    this.#running = running;
    const list = [...running.values()].map(({ row }) => row);
    return isSameList(list, this.#calls.running) ? this.#calls.running : list;
  }

  #updateRecent(viewer: PageViewer): Calls["recent"] {
    const hub = this.#sources.state();
    const calls = this.#sources.history.calls();
    if (this.#seen?.calls === calls && this.#seen.hub === hub) return this.#calls.recent;
    this.#seen = { calls, hub };
    const recent = selectRecent(calls, viewer).map((call) => this.#past.rowOf(call, hub));
    return isSameList(recent, this.#calls.recent) ? this.#calls.recent : recent;
  }
}

/** Those that run now, without those by which the page itself reads. */
export function runningCalls({ calls }: Sources): readonly CallInProgress[] {
  return calls.list().filter((call) => !isOwnReading(call));
}

/** The newest that a viewer may see, those that went well and the others each up to a number. */
function selectRecent(calls: readonly PastCall[], { maySee }: PageViewer): readonly PastCall[] {
  const kinds = Map.groupBy(calls.filter(maySee), ({ outcome }) => outcome === "ok");
  const chosen = new Set([...kinds.values()].flatMap((kind) => selectFairly(kind, MAX_RECENT)));
  return calls.filter((call) => chosen.has(call));
}

/** The newest of each principal in turn, so that whoever makes many leaves room for those of others. */
function selectFairly(calls: readonly PastCall[], max: number): readonly PastCall[] {
  const turns = new Map<string, number>();
  const inTurn = calls.map((call) => {
    const turn = turns.get(call.principal) ?? 0;
    turns.set(call.principal, turn + 1);
    return { call, turn };
  });
  // The sort is stable: the newest of each turn comes first.
  return inTurn.sort((one, other) => one.turn - other.turn).slice(0, max).map(({ call }) => call);
}

/** A call that runs, as the page shows it. */
export function toRunningRow(call: CallInProgress, hub: HubState): CallRow {
  const { id, principal, client, tool, hosts, startedAt } = call;
  return {
    id,
    principal,
    client: client && shownText(`${client.name} ${client.version}`.trimEnd(), hub),
    tool: shownText(tool, hub),
    hosts: hostsText(hosts, hub),
    startedAt,
    durationMs: null,
    outcome: null,
    via: [],
    reason: null,
    exitCode: null,
    mayEnd: true,
  };
}

function hostsText(names: readonly string[], hub: HubState): string {
  const [first] = names;
  const { hosts } = hub.configuration.registry;
  if (names.length === 1 && first !== undefined && hosts.has(first)) return first;
  return shownText(foldNames(names), hub, MAX_HOSTS);
}

function toPastRow(call: PastCall, hub: HubState): CallRow {
  const { id, principal, client, tool, hosts, endedAt, durationMs, outcome, via, reason } = call;
  return {
    id,
    principal,
    client: client && shownText(client, hub),
    tool: shownText(tool, hub),
    hosts: shownText(hosts, hub, MAX_HOSTS),
    startedAt: Math.round(endedAt - durationMs),
    durationMs: Math.round(durationMs),
    outcome,
    via,
    reason: reason && shownText(reason, hub),
    exitCode: call.exitCode,
    mayEnd: false,
  };
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
