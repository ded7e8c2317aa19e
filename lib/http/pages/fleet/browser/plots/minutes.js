// @ts-check

/** @import { HostRow, Sparklines } from "../../model.ts" */

const MINUTE = 60_000;
const MINUTES = 60;

/**
 * The latencies of the last hour by host, kept up to date between two whole ones that the hub sends.
 * @param {Sparklines} sparklines
 * @param {number} now
 */
export function createMinutes(sparklines, now) {
  let lines = new Map(Object.entries(sparklines).map(([name, line]) => [name, [...line]]));
  let minute = Math.floor(now / MINUTE);

  /** @param {number} now */
  function advance(now) {
    const next = Math.floor(now / MINUTE);
    const passed = Math.min(MINUTES, next - minute);
    if (passed <= 0) return;
    minute = next;
    for (const line of lines.values()) {
      line.splice(0, passed);
      line.push(...Array.from({ length: passed }, () => null));
    }
  }

  return {
    /** @param {string} name */
    of: (name) => lines.get(name) ?? null,
    /**
     * @param {Sparklines} sparklines
     * @param {number} at
     */
    replace(sparklines, at) {
      lines = new Map(Object.entries(sparklines).map(([name, line]) => [name, [...line]]));
      minute = Math.floor(at / MINUTE);
    },
    /**
     * Notes the latencies of hosts that have changed.
     * @param {readonly HostRow[]} hosts
     * @param {number} now
     */
    add(hosts, now) {
      advance(now);
      for (const { name, latencyMs } of hosts) {
        if (latencyMs === null) continue;
        const line = lines.get(name) ?? Array.from({ length: MINUTES }, () => null);
        line[MINUTES - 1] = latencyMs;
        lines.set(name, line);
      }
    },
  };
}
