import type { Redact } from "../../../base/text/redact.ts";
import { getOrAdd } from "../../../base/get_or_add.ts";
import type { DayCounts, HistoryReader, PastCall } from "../../../history/reader.ts";
import type { CallInProgress } from "../../../mcp/in_flight.ts";
import type { CallReport, PastReport, RunningReport } from "./report.ts";

/** Recent calls of which others learn: of those that went well, and of the others. */
const MAX_RECENT = 100;
/** Calls that run. */
const MAX_RUNNING = 256;
/** Clients whose calls are counted apart. */
const MAX_CLIENTS = 32;
/** Names of hosts of one call. */
const MAX_NAMES = 200;
/** Characters of a text. */
const MAX_TEXT = 400;
/** All of a report has room in one message. */
const MAX_CHARS = 256 * 1024;

/** What a report is made of. */
export interface ReportSources {
  readonly running: readonly CallInProgress[];
  readonly history: Pick<HistoryReader, "calls" | "countsOf">;
  /** Names of the clients. */
  readonly clients: Iterable<string>;
  /** In milliseconds since 1970. */
  readonly at: number;
}

/** Puts reports together: bounded, and without secrets. */
export class ReportCompiler {
  readonly #redact: Redact;
  #past = new WeakMap<PastCall, string>();

  constructor(redact: Redact) {
    this.#redact = redact;
  }

  /** There may be other secrets now. */
  reset(): void {
    this.#past = new WeakMap();
  }

  compile({ running, history, clients, at }: ReportSources): Uint8Array {
    const kinds = Map.groupBy(history.calls(), ({ outcome }) => outcome === "ok");
    const recent = [...kinds.values()].flatMap((calls) => calls.slice(0, MAX_RECENT))
      .sort((a, b) => b.endedAt - a.endedAt);
    const counted = [...clients].flatMap((name): [string, DayCounts][] => {
      const counts = history.countsOf(name);
      return counts.all === 0 ? [] : [[name, counts]];
    });
    const rest: Pick<CallReport, "at" | "counts" | "ofClients"> = {
      at,
      counts: history.countsOf(null),
      ofClients: Object.fromEntries(counted.slice(0, MAX_CLIENTS)),
    };
    const runningJson = running.slice(0, MAX_RUNNING).map((call) =>
      JSON.stringify(this.#running(call))
    );
    const runningList = takeWithin(runningJson, MAX_CHARS / 2);
    const recentList = takeWithin(
      recent.values().map((call) => this.#pastJson(call)),
      MAX_CHARS - runningList.length,
    );
    const json = `${JSON.stringify(rest).slice(0, -1)},"running":[${runningList}],` +
      `"recent":[${recentList}]}`;
    return new TextEncoder().encode(json);
  }

  #running({ id, principal, client, tool, hosts, startedAt }: CallInProgress): RunningReport {
    return {
      id,
      principal,
      client: client && { name: this.#text(client.name), version: this.#text(client.version) },
      tool: this.#text(tool),
      hosts: this.#names(hosts),
      startedAt,
    };
  }

  /** A call that has ended does not change any more. */
  #pastJson(call: PastCall): string {
    return getOrAdd(this.#past, call, () => {
      const { client, reason } = call;
      const report: PastReport = {
        ...call,
        client: client && this.#text(client),
        tool: this.#text(call.tool),
        hosts: this.#text(call.hosts),
        names: this.#names(call.names),
        reason: reason && this.#text(reason),
      };
      return JSON.stringify(report);
    });
  }

  #names(names: readonly string[]): readonly string[] {
    return names.slice(0, MAX_NAMES).map((name) => this.#text(name));
  }

  /** Secrets first, or half of one shows. */
  #text(text: string): string {
    return this.#redact(text).slice(0, MAX_TEXT).toWellFormed();
  }
}

/** As many as have room, with commas between them. */
function takeWithin(parts: Iterable<string>, maxChars: number): string {
  const taken: string[] = [];
  let left = maxChars;
  for (const part of parts) {
    if (part.length >= left) continue;
    left -= part.length + 1;
    taken.push(part);
  }
  return taken.join(",");
}
