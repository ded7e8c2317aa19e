import type { DayCounts, PastCall } from "../../../history/reader.ts";
import type { CallInProgress } from "../../../mcp/in_flight.ts";
import type { Peers } from "../../../shared/peers.ts";
import type { Table } from "../../../shared/table.ts";
import { type CallReport, readReport } from "./report.ts";

/** Hubs, also of those that are gone, of which recent calls are remembered. */
const MAX_HUBS = 16;
const MINUTE_MS = 60_000;

/** Options of `OtherCalls`. */
export interface OtherCallsOptions {
  readonly peers: Peers;
  readonly table: Table;
  readonly onChange: () => void;
}

/** The calls of the other hubs, as they report them. */
export class OtherCalls {
  readonly #options: OtherCallsOptions;
  readonly #reports = new Map<string, CallReport>();
  readonly #endings: readonly (() => void)[];
  #recent: readonly PastCall[] = [];

  constructor(options: OtherCallsOptions) {
    this.#options = options;
    const { table, peers, onChange } = options;
    this.#endings = [
      table.watch("*", (change) => {
        if (change.kind === "put") this.#add(change.entry.key, readReport(change.entry.value));
        else if (change.kind === "removed") this.#drop([change.key]);
        else this.#drop([...this.#reports.keys()].filter((hub) => !change.keys.has(hub)));
        onChange();
      }),
      // What a hub runs is known as long as it is there.
      peers.watch(onChange),
    ];
  }

  /** Those that run, and which hub runs them. */
  running(): readonly { readonly hub: string; readonly call: CallInProgress }[] {
    return this.#options.peers.others().flatMap((hub) =>
      (this.#reports.get(hub)?.running ?? []).map((call) => ({ hub, call }))
    );
  }

  /** Those that have ended; the same array while none is added. */
  recent(): readonly PastCall[] {
    return this.#recent;
  }

  /** Those of all, or of one client, in the last day; null: all. */
  countsOf(client: string | null, now: number): readonly DayCounts[] {
    return [...this.#reports.values()].flatMap((report) => {
      const counts = client === null ? report.counts : ofClient(report, client);
      return counts === null ? [] : [shift(counts, report.at, now)];
    });
  }

  /** Forgets what principals did who are not known any more. */
  forget(principals: readonly string[]): void {
    const { peers, table } = this.#options;
    const isForgotten = ({ principal }: { readonly principal: string }) =>
      principals.includes(principal);
    for (const [hub, report] of this.#reports) {
      if (![...report.recent, ...report.running].some(isForgotten)) continue;
      const kept = { ...report, recent: report.recent.filter((call) => !isForgotten(call)) };
      this.#reports.set(hub, kept);
      // One that is there reports without them by itself.
      if (!peers.others().includes(hub)) table.remove(hub).catch(() => {});
    }
    this.#collect();
  }

  close(): void {
    for (const end of this.#endings) end();
  }

  #add(hub: string, report: CallReport | null): void {
    if (hub === this.#options.peers.id || report === null) return;
    const before = new Map(this.#reports.get(hub)?.recent.map((call) => [call.id, call]));
    // A call that was known is the same object: what is made of it stays.
    const recent = report.recent.map((call) => before.get(call.id) ?? call);
    this.#reports.delete(hub);
    this.#reports.set(hub, { ...report, recent });
    const hasNews = recent.length !== before.size || recent.some(({ id }) => !before.has(id));
    if (this.#reports.size > MAX_HUBS) {
      const [oldest] = [...this.#reports].sort(([, a], [, b]) => a.at - b.at);
      if (oldest !== undefined) this.#reports.delete(oldest[0]);
      this.#collect();
    } else if (hasNews) this.#collect();
  }

  #drop(hubs: readonly string[]): void {
    for (const hub of hubs) this.#reports.delete(hub);
    if (hubs.length > 0) this.#collect();
  }

  #collect(): void {
    this.#recent = [...this.#reports.values()].flatMap(({ recent }) => recent);
  }
}

/** Null: none. A client may have a name that every object knows, such as "constructor". */
function ofClient({ ofClients }: CallReport, client: string): DayCounts | null {
  return Object.hasOwn(ofClients, client) ? ofClients[client] ?? null : null;
}

/** What was counted by minute some minutes ago. */
function shift({ all, unknown, byMinute }: DayCounts, at: number, now: number): DayCounts {
  const past = Math.max(0, Math.floor(now / MINUTE_MS) - Math.floor(at / MINUTE_MS));
  const minutes = Array.from(
    { length: byMinute.length },
    (_, index) => byMinute[index + past] ?? 0,
  );
  return { all, unknown, byMinute: minutes };
}
