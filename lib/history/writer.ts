import type { CallRecord } from "../calls/record.ts";
import type { HostState } from "../fleet/health.ts";

/** Records what is remembered of the fleet. All of it is on the hot path of calls: nothing here waits. */
export interface HistoryWriter {
  /** What a host's probe or call has shown; `latencyMs` is what was measured now, null: nothing. */
  readonly recordState: (host: string, state: HostState, latencyMs: number | null) => void;
  /** A host is configured otherwise from now on, so that nothing is known of it. */
  readonly recordChange: (host: string) => void;
  /** A call has ended. */
  readonly recordCall: (call: CallRecord) => void;
  /** Forgets all other hosts. */
  readonly keepHosts: (hosts: { readonly has: (name: string) => boolean }) => void;
  /** Forgets the calls of principals. */
  readonly forgetPrincipals: (principals: readonly string[]) => void;
}
