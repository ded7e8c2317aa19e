import type { CallRow, HostRow, Tiles } from "../../../../lib/http/pages/fleet/model.ts";
import type { FleetSnapshot, FleetView } from "../../../../lib/http/pages/fleet/view.ts";

/** A row of the table of hosts. */
export function hostRow(name: string, row: Partial<HostRow> = {}): HostRow {
  return {
    name,
    status: "lmcp",
    reason: null,
    since: null,
    checkedAt: null,
    paths: ["lmcp", "ssh"],
    tags: [],
    latencyMs: null,
    running: 0,
    lastCall: null,
    ...row,
  };
}

/** A call that runs. */
export function callRow(id: string, row: Partial<CallRow> = {}): CallRow {
  return {
    id,
    principal: "ann",
    client: null,
    tool: "remote_shell",
    hosts: "web1",
    startedAt: 0,
    durationMs: null,
    outcome: null,
    via: [],
    reason: null,
    exitCode: null,
    mayEnd: true,
    ...row,
  };
}

const TILES: Tiles = {
  hosts: 2,
  up: 2,
  onSshInstead: 0,
  down: 0,
  unknown: 0,
  running: 0,
  longestSince: null,
  callsInDay: 0,
  unknownInDay: 0,
  medianLatencyMs: null,
  callsByMinute: [],
};

/** A view of two hosts, and what has been done through it. */
export interface FakeView {
  /** The principals for which it was opened. */
  readonly opened: string[];
  /** Names of actions with their arguments. */
  readonly done: unknown[];
  /** The signals that came with what waits. */
  readonly signals: AbortSignal[];
  readonly watchers: Set<() => void>;
  readonly open: (principal: string) => FleetView;
  /** Replaces parts of the snapshot, and calls those who watch. */
  readonly change: (parts: Partial<FleetSnapshot>) => void;
  readonly snapshot: () => FleetSnapshot;
}

/** Makes a `FakeView`; `parts` replaces some of what it does. */
export function createFakeView(parts: Partial<FleetView> = {}): FakeView {
  let snapshot: FleetSnapshot = {
    problems: [],
    groups: 0,
    tiles: TILES,
    hosts: [hostRow("db1"), hostRow("web1")],
    calls: { running: [], recent: [] },
    approvals: [],
  };
  const [opened, done, signals]: [string[], unknown[], AbortSignal[]] = [[], [], []];
  const watchers = new Set<() => void>();

  function act(what: unknown, signal?: AbortSignal): null {
    done.push(what);
    if (signal !== undefined) signals.push(signal);
    return null;
  }

  const view: FleetView = {
    snapshot: () => snapshot,
    sparklines: () => ({ web1: [1, null] }),
    host: (name) => {
      const row = snapshot.hosts.find((row) => row.name === name);
      if (row === undefined) return null;
      return {
        row,
        spans: [],
        latencies: { at: [], ms: [] },
        calls: [],
        rules: [],
        agent: null,
        jobs: { list: true, output: true, end: true },
      };
    },
    match: (targets) => ({ kind: "hosts", names: [targets] }),
    watch: (listener) => {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
    probe: (targets, signal) => Promise.resolve(act({ probe: targets }, signal)),
    endCall: (id) =>
      Promise.resolve(id === "other" ? "that is the call of somebody else" : act({ endCall: id })),
    jobs: () => Promise.resolve({ jobs: [], problem: null }),
    jobOutput: (wanted, signal) => {
      act(wanted, signal);
      const end = { nextOffset: null, leftOut: 0, state: "running", exitCode: null, problem: null };
      return Promise.resolve({ text: "output", ...end });
    },
    answerApproval: (answer) => Promise.resolve(act(answer)),
    endJob: (job, signal) => Promise.resolve(act({ endJob: job }, signal)),
    ...parts,
  };

  return {
    opened,
    done,
    signals,
    watchers,
    open: (principal) => {
      opened.push(principal);
      return view;
    },
    change: (parts) => {
      snapshot = { ...snapshot, ...parts };
      for (const listener of [...watchers]) listener();
    },
    snapshot: () => snapshot,
  };
}
