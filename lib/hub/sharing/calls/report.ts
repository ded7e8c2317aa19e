import { z } from "zod";
import type { CallOutcome } from "../../../calls/record.ts";
import { VIAS } from "../../../fleet/transport.ts";
import { readJsonBytes } from "../../../shared/json.ts";
import { wallTime } from "../../../shared/wall_time.ts";

const OUTCOMES: Readonly<Record<CallOutcome, CallOutcome>> = {
  ok: "ok",
  failed: "failed",
  not_delivered: "not_delivered",
  unknown: "unknown",
  refused: "refused",
  bug: "bug",
};

/** Of a client, a tool, a host, or a reason. */
const text = z.string().max(1_024);
const names = z.array(text).max(1_000).readonly();

const running = z.object({
  id: z.string().max(64),
  principal: text,
  client: z.object({ name: text, version: text }).nullable(),
  tool: text,
  hosts: names,
  startedAt: wallTime,
});

const past = z.object({
  id: z.string().max(64),
  principal: text,
  client: text.nullable(),
  tool: text,
  hosts: text,
  names,
  endedAt: wallTime,
  durationMs: z.number(),
  outcome: z.enum(OUTCOMES),
  via: z.array(z.enum(VIAS)).max(8).readonly(),
  reason: text.nullable(),
  exitCode: z.int().nullable(),
});

const counts = z.object({
  all: z.int().min(0),
  unknown: z.int().min(0),
  byMinute: z.array(z.int().min(0)).length(60).readonly(),
});

const report = z.object({
  /** In milliseconds since 1970. */
  at: wallTime,
  running: z.array(running).max(2_048).readonly(),
  recent: z.array(past).max(1_024).readonly(),
  /** Of all calls. */
  counts,
  /** Of those of each client, by name. */
  ofClients: z.record(text, counts),
});

/** What a hub shows of its calls. */
export type CallReport = z.output<typeof report>;
/** A call that it runs. */
export type RunningReport = z.output<typeof running>;
/** A call that has ended there. */
export type PastReport = z.output<typeof past>;

/** Null: it is broken, or of another version of this program. */
export function readReport(bytes: Uint8Array): CallReport | null {
  return readJsonBytes(bytes, report);
}
