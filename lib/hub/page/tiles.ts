import { median } from "../../history/latencies.ts";
import type { DayCounts } from "../../history/reader.ts";
import type { Calls, HostRow, Tiles } from "../../http/pages/fleet/model.ts";

/** What the tiles sum up. */
export interface TileFacts {
  readonly hosts: readonly HostRow[];
  readonly running: Calls["running"];
  readonly counts: DayCounts;
}

/** Sums up what the first glance shows. */
export function toTiles({ hosts, running, counts }: TileFacts): Tiles {
  const ofStatus = { lmcp: 0, nats: 0, ssh: 0, down: 0, unknown: 0 };
  const latencies: number[] = [];
  let onSshInstead = 0;
  for (const { status, paths, latencyMs } of hosts) {
    ofStatus[status]++;
    if (status === "ssh" && paths.length > 1) onSshInstead++;
    if (latencyMs !== null) latencies.push(latencyMs);
  }
  return {
    hosts: hosts.length,
    up: ofStatus.lmcp + ofStatus.nats + ofStatus.ssh,
    onSshInstead,
    down: ofStatus.down,
    unknown: ofStatus.unknown,
    running: running.length,
    longestSince: running[0]?.startedAt ?? null,
    callsInDay: counts.all,
    unknownInDay: counts.unknown,
    medianLatencyMs: latencies.length === 0 ? null : median(latencies),
    callsByMinute: counts.byMinute,
  };
}
