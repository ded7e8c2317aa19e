import { z } from "zod";
import type { Logger } from "../../../base/log.ts";
import type { Clock } from "../../../base/time/clock.ts";
import type { Redact } from "../../../base/text/redact.ts";
import type { DayCounts, HistoryReader, PastCall } from "../../../history/reader.ts";
import type { CallInProgress, OperatedCalls } from "../../../mcp/in_flight.ts";
import type { SharedState } from "../../../shared/state.ts";
import { isOwnReading } from "../../page/client.ts";
import type { ShownCalls } from "../../page/sources.ts";
import { ReportCompiler } from "./compile.ts";
import { OtherCalls } from "./others.ts";

/** Between two reports of a hub. */
const REPORT_MS = 1_000;
/** The topic of ending another hub's call. */
const END = "end";
/** How long a hub may take to answer that. */
const ANSWER_MS = 2_000;

const named = z.object({ id: z.string() });
const answered = z.object({ hasEnded: z.boolean() });

/** Options of `shareCalls()`. */
export interface CallSharingOptions {
  readonly shared: Pick<SharedState, "peers" | "calls">;
  /** Those of this hub. */
  readonly own: OperatedCalls;
  readonly history: HistoryReader;
  /** Names of the clients. */
  readonly clients: () => Iterable<string>;
  readonly redact: Redact;
  /** Something else is to be shown. */
  readonly onChange: () => void;
  readonly clock: Pick<Clock, "wall" | "after">;
  readonly log: Pick<Logger, "error">;
}

/** Calls that hubs know of each other, until it is closed. */
export interface CallSharing {
  readonly calls: ShownCalls;
  readonly history: HistoryReader;
  /** A call has ended. On the hot path of calls: it costs next to nothing. */
  readonly onCall: () => void;
  /** The configuration is another one. */
  readonly onReload: () => void;
  /** Principals are no longer accepted. */
  readonly onGone: (principals: readonly string[]) => void;
  readonly close: () => Promise<void>;
}

/** Reports this hub's calls to the others, and shows theirs beside them. */
export function shareCalls(options: CallSharingOptions): CallSharing {
  const { shared: { peers, calls: table }, own, history, onChange, clock } = options;
  const others = new OtherCalls({ peers, table, onChange });
  const reporter = new Reporter(options);
  const endings = [
    own.watch(() => reporter.mark()),
    peers.serve(END, (body) => {
      const { data } = named.safeParse(body);
      return data === undefined ? null : { hasEnded: own.end(data.id) };
    }),
  ];

  async function endElsewhere(id: string): Promise<boolean> {
    const hub = others.running().find(({ call }) => call.id === id)?.hub;
    if (hub === undefined) return false;
    const said = await peers.ask(hub, { topic: END, body: { id }, timeoutMs: ANSWER_MS });
    const { data } = answered.safeParse(said.kind === "answer" ? said.body : null);
    return data?.hasEnded === true;
  }

  return {
    calls: {
      list: () => [...own.list(), ...others.running().map(({ call }) => call)].sort(byStart),
      watch: own.watch,
      end: (id) => own.end(id) || endElsewhere(id),
    },
    history: mergeHistory(history, others, clock),
    onCall: () => reporter.mark(),
    onReload: () => reporter.reset(),
    onGone: (principals) => {
      others.forget(principals);
      reporter.mark();
    },
    close: async () => {
      for (const end of endings) end();
      others.close();
      await reporter.close();
    },
  };
}

function byStart(a: CallInProgress, b: CallInProgress): number {
  return a.startedAt - b.startedAt;
}

function mergeHistory(
  own: HistoryReader,
  others: OtherCalls,
  { wall }: Pick<Clock, "wall">,
): HistoryReader {
  let merged: Record<"own" | "theirs" | "all", readonly PastCall[]> | null = null;
  return {
    ...own,
    calls: () => {
      const [calls, theirs] = [own.calls(), others.recent()];
      if (theirs.length === 0) return calls;
      if (merged?.own !== calls || merged.theirs !== theirs) {
        const all = [...calls, ...theirs].sort((a, b) => b.endedAt - a.endedAt);
        merged = { own: calls, theirs, all };
      }
      return merged.all;
    },
    countsOf: (principal) =>
      [own.countsOf(principal), ...others.countsOf(principal, wall())].reduce(addCounts),
  };
}

function addCounts(a: DayCounts, b: DayCounts): DayCounts {
  return {
    all: a.all + b.all,
    unknown: a.unknown + b.unknown,
    byMinute: a.byMinute.map((count, index) => count + (b.byMinute[index] ?? 0)),
  };
}

/** Reports what this hub shows: at most once a second, and what it shows by then, one report after the other. */
class Reporter {
  readonly #options: CallSharingOptions;
  readonly #compiler: ReportCompiler;
  /** There is something that is in no report yet. */
  #isDue = false;
  #cancel: () => void = () => {};
  #writing: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: CallSharingOptions) {
    this.#options = options;
    this.#compiler = new ReportCompiler(options.redact);
  }

  mark(): void {
    if (this.#isDue || this.#isClosed) return;
    this.#isDue = true;
    // A table that is slow is not written to faster than it can take it.
    if (this.#writing === null) this.#reportSoon();
  }

  reset(): void {
    this.#compiler.reset();
    this.mark();
  }

  /** Calls that have ended since the last report are reported, too. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#writing;
    if (this.#isDue) await this.#report();
  }

  #reportSoon(): void {
    this.#cancel = this.#options.clock.after(REPORT_MS, () => {
      this.#writing = this.#report().finally(() => {
        this.#writing = null;
        if (this.#isDue && !this.#isClosed) this.#reportSoon();
      });
    });
  }

  /** Never rejects. */
  async #report(): Promise<void> {
    const { shared: { peers, calls }, own, history, clients, clock, log } = this.#options;
    this.#isDue = false;
    try {
      const running = own.list().filter((call) => !isOwnReading(call));
      const sources = { running, history, clients: clients(), at: clock.wall() };
      await calls.write(peers.id, this.#compiler.compile(sources), null);
    } catch (error) {
      log.error("calls are not shared", { error });
    }
  }
}
