import type {
  CallRow,
  HostDetail,
  HostRow,
  Overview,
} from "../../../../../lib/http/pages/fleet/model.ts";

/** 27 November 2026, 03:48:12 UTC. */
export const NOW: number = Date.UTC(2026, 10, 27, 3, 48, 12);

/** A host that is up. */
export function sampleHost(changes: Partial<HostRow> = {}): HostRow {
  return {
    name: "web01",
    status: "lmcp",
    reason: null,
    since: NOW - 60_000,
    checkedAt: NOW - 5000,
    paths: ["lmcp", "ssh"],
    tags: ["web"],
    latencyMs: 12,
    running: 0,
    lastCall: { at: NOW - 90_000, tool: "remote_shell", outcome: "ok" },
    ...changes,
  };
}

/** A call that has ended well. */
export function sampleCall(changes: Partial<CallRow> = {}): CallRow {
  return {
    id: "c1",
    principal: "alice",
    client: "editor 1.2",
    tool: "remote_shell",
    hosts: "web[01-03]",
    startedAt: NOW - 60_000,
    durationMs: 2340,
    outcome: "ok",
    via: ["lmcp"],
    reason: null,
    exitCode: 0,
    mayEnd: false,
    ...changes,
  };
}

/** A fleet of one host, where nothing is wrong. */
export function sampleOverview(changes: Partial<Overview> = {}): Overview {
  return {
    now: NOW,
    viewer: { name: "operator", isSignedIn: true, isOperator: true },
    problems: [],
    groups: 0,
    tiles: {
      hosts: 1,
      up: 1,
      onSshInstead: 0,
      down: 0,
      unknown: 0,
      running: 0,
      longestSince: null,
      callsInDay: 1204,
      unknownInDay: 0,
      medianLatencyMs: 12,
      callsByMinute: [0, 3, 1],
    },
    hosts: [sampleHost()],
    calls: { running: [], recent: [sampleCall()] },
    approvals: [],
    ...changes,
  };
}

/** What the page of that host shows. */
export function sampleDetail(changes: Partial<HostDetail> = {}): HostDetail {
  return {
    now: NOW,
    viewer: sampleOverview().viewer,
    row: sampleHost(),
    spans: [
      { status: "down", reason: "lmcp: timeout", from: NOW - 1_200_000, to: NOW - 600_000 },
      { status: "lmcp", reason: null, from: NOW - 600_000, to: null },
    ],
    latencies: { at: [NOW - 20_000, NOW - 10_000], ms: [9, 15] },
    calls: [sampleCall()],
    rules: ["All tools may be used."],
    agent: {
      name: "lmcp-hub",
      version: "0.1.0",
      protocol: "2025-11-25",
      claims: true,
      tools: 14,
    },
    jobs: { list: true, output: true, end: true },
    ...changes,
  };
}
