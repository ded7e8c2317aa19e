import { type Clock, systemClock } from "./time/clock.ts";

/** Appends a text to wherever lines go. Rejects if it may not have got there. */
export type Append = (text: string) => Promise<void>;

/** How long a line that is not urgent waits for others to be written with. */
const LINGER_MS = 10;

/** Options of `createLineWriter()`. */
export interface LineWriterOptions {
  readonly append: Append;
  /** Characters that may wait for `append`; lines beyond that are lost. */
  readonly maxPending: number;
  /** Called when lines begin to get lost, with the reason. */
  readonly onFailure: (error: unknown) => void;
  /** Called when lines are written again, with the number of those lost before. */
  readonly onRecovery: (lost: number) => void;
  /** Resolves when lines that are to be written together have come; default: at once. */
  readonly gather?: () => Promise<void>;
  /** Default: the machine's. */
  readonly clock?: Pick<Clock, "after">;
}

/** Writes lines in the background, in order, many at a time. */
export interface LineWriter {
  /**
   * Takes a line without line break. Never throws and never waits. Resolves with why the line was
   * lost; null: it is written. Never rejects.
   */
  readonly write: (line: string) => Promise<Error | null>;
  /** The same, for a line that may wait ten milliseconds: far cheaper where there are many. */
  readonly writeSoon: (line: string) => void;
  /** Lines lost since the start. */
  readonly lost: () => number;
  /** Resolves when every line taken so far is written or lost. */
  readonly flushed: () => Promise<void>;
}

/** Makes a `LineWriter`. It keeps lines back only as long as said here, or while `append` is busy. */
export function createLineWriter(options: LineWriterOptions): LineWriter {
  const { clock = systemClock, gather = () => Promise.resolve() } = options;
  let pending = createBatch();
  let flushing: Promise<void> | null = null;
  let cancelLinger: (() => void) | null = null;
  let lost = 0;
  /** `lost` when the present failure began; null: all is well. */
  let lostBefore: number | null = null;

  function lose(count: number, error: unknown): Error {
    if (lostBefore === null) {
      lostBefore = lost;
      options.onFailure(error);
    }
    lost += count;
    return error instanceof Error ? error : new Error(String(error));
  }

  async function appendPending(): Promise<void> {
    const { lines, settled } = pending;
    pending = createBatch();
    try {
      await options.append(`${lines.join("\n")}\n`);
    } catch (error) {
      settled.resolve(lose(lines.length, error));
      return;
    }
    settled.resolve(null);
    // What waits since before the loss goes out first, so that there is room to report it.
    if (lostBefore === null || pending.length > options.maxPending / 2) return;
    options.onRecovery(lost - lostBefore);
    lostBefore = null;
  }

  async function flush(): Promise<void> {
    await gather();
    while (pending.lines.length > 0) await appendPending();
    flushing = null;
  }

  function flushNow(): Promise<void> {
    cancelLinger?.();
    cancelLinger = null;
    return flushing ??= flush();
  }

  function take(line: string): Promise<Error | null> {
    if (pending.length + line.length > options.maxPending) {
      const message = `More than ${options.maxPending} characters wait to be written`;
      return Promise.resolve(lose(1, new Error(message)));
    }
    pending.lines.push(line);
    pending.length += line.length;
    return pending.settled.promise;
  }

  return {
    write: (line) => {
      const written = take(line);
      flushNow();
      return written;
    },
    writeSoon: (line) => {
      take(line);
      if (flushing === null) cancelLinger ??= clock.after(LINGER_MS, flushNow);
    },
    lost: () => lost,
    flushed: () => pending.lines.length > 0 ? flushNow() : flushing ?? Promise.resolve(),
  };
}

/** Lines that are written together. */
interface Batch {
  readonly lines: string[];
  /** Their characters. */
  length: number;
  readonly settled: PromiseWithResolvers<Error | null>;
}

function createBatch(): Batch {
  return { lines: [], length: 0, settled: Promise.withResolvers() };
}
