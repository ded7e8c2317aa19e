import { createMemory } from "../../lib/history/memory.ts";
import type { HostState } from "../../lib/fleet/health.ts";
import { callRecord, delivery } from "../calls/record.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";

/**
 * A program that fills a memory with an hour of 1,000 hosts at their worst, and prints how many bytes
 * that takes: each host is probed twice a minute, goes up and down each time for another reason, and is
 * called all the time by many clients, with every outcome.
 */
const HOSTS = 1_000;
const OUTCOMES = ["ok", "failed", "unknown"] as const;
const collect: unknown = Reflect.get(globalThis, "gc");
const names = Array.from({ length: HOSTS }, (_, index) => `host-number-${index}`);
const known = new Set(names);
const clock = createFakeClock();

function usedBytes(): number {
  if (typeof collect !== "function") throw new Error("Run it with --v8-flags=--expose-gc");
  for (let turn = 0; turn < 3; turn++) Reflect.apply(collect, undefined, []);
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

/** A text of its own, as JSON from outside would have. */
function fresh(text: string): string {
  return JSON.parse(JSON.stringify(text.padEnd(160, ".")));
}

function stateOf(name: string, half: number): HostState {
  const up = half % 2 === 0;
  const error = up ? null : fresh(`${name} ${half}`);
  return {
    up,
    via: up ? "lmcp" : null,
    error,
    detail: error,
    toolCount: 3,
    latencyMs: up ? 12.5 : null,
    checkedAt: clock.wall(),
    nextProbeAt: clock.wall(),
  };
}

const before = usedBytes();
const { reader, writer } = createMemory({
  hostName: (name) => known.has(name) ? name : undefined,
  toolName: () => "remote_shell",
  redact: (text) => text,
  clock,
});
let made = 0;
const record = (name: string, hosts: readonly string[] | null) =>
  callRecord({
    requestId: crypto.randomUUID(),
    principal: `client-${made % 100}`,
    client: { name: fresh("client").slice(0, 100), version: "1" },
    args: { host: name },
    hosts,
    deliveries: [delivery({ host: name, fallbackReason: fresh(`${name} ${made}`) })],
    outcome: OUTCOMES[made++ % OUTCOMES.length] ?? "ok",
  });
for (let half = 0; half < 120; half++) {
  for (const name of names) {
    writer.recordState(name, stateOf(name, half), 12.5 + half);
    writer.recordState(name, stateOf(name, half), 12.5 + half);
    writer.recordCall(record(name, null));
  }
  for (let run = 0; run < 3; run++) writer.recordCall(record("", names.slice()));
  clock.advance(30_000);
}
const bytes = usedBytes() - before;
const counts = {
  spans: reader.spansOf("host-number-7").length,
  latencies: reader.latenciesOf("host-number-7").at.length,
  calls: reader.calls().length,
  inDay: reader.countsOf(null).all,
};
console.log(JSON.stringify({ bytes, ...counts }));
