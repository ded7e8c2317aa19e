import type { Clock } from "../../base/time/clock.ts";
import type { CallRecord } from "../../calls/record.ts";
import type { HostState } from "../../fleet/health.ts";
import type { Host, Registry } from "../../fleet/host.ts";
import { TOOL_NAMES } from "../../fleet/rules.ts";
import { createMemory } from "../../history/memory.ts";
import type { HistoryReader } from "../../history/reader.ts";
import type { HubState } from "../state.ts";
import { type Changes, createChanges } from "./watching/changes.ts";
import { isOwnReading } from "./client.ts";

/** Options of `startRecording()`. */
export interface RecordingOptions {
  readonly state: () => HubState;
  readonly clock: Pick<Clock, "now" | "wall" | "after">;
}

/** Remembers what the fleet page shows, from the start of the hub on. */
export interface Recording {
  /** A host was probed or called. */
  readonly onState: (host: Host, state: HostState, latencyMs: number | null) => void;
  /** A call has ended. */
  readonly onCall: (call: CallRecord) => void;
  /** The configuration is another one. */
  readonly onReload: (former: Registry) => void;
  /** Principals are no longer accepted. */
  readonly onGone: (principals: readonly string[]) => void;
  readonly history: HistoryReader;
  readonly changes: Changes;
}

/** Begins to remember. */
export function startRecording({ state, clock }: RecordingOptions): Recording {
  const hosts = () => state().configuration.registry.hosts;
  const toolNames = new Map<string, string>(TOOL_NAMES.map((name) => [name, name]));
  const { reader, writer } = createMemory({
    hostName: (name) => hosts().get(name)?.name,
    toolName: (name) => toolNames.get(name),
    redact: (text) => state().redactRecord(text),
    clock,
  });
  const changes = createChanges(clock);

  return {
    onState: (host, observed, latencyMs) => {
      // Not a host that has left meanwhile, nor a variant of one.
      if (hosts().get(host.name) !== host) return;
      writer.recordState(host.name, observed, latencyMs);
      changes.mark();
    },
    onCall: (call) => {
      if (isOwnReading(call)) return;
      writer.recordCall(call);
      changes.mark();
    },
    onReload: (former) => {
      const now = hosts();
      if (former.hosts !== now) {
        writer.keepHosts(now);
        for (const [name, host] of now) {
          if (former.hosts.get(name) !== host) writer.recordChange(name);
        }
      }
      changes.mark();
    },
    onGone: writer.forgetPrincipals,
    history: reader,
    changes,
  };
}
