/** Appends a text to wherever lines go. Rejects if it may not have got there. */
export type Append = (text: string) => Promise<void>;

/** What `createLineWriter()` needs. */
export interface LineWriterOptions {
  readonly append: Append;
  /** Characters that may wait for `append`; lines beyond that are lost. */
  readonly maxPending: number;
  /** Called when lines begin to get lost, with the reason. */
  readonly onFailure: (error: unknown) => void;
  /** Called when lines are written again, with the number of those lost before. */
  readonly onRecovery: (lost: number) => void;
}

/** Writes lines in the background, in order, many at a time. */
export interface LineWriter {
  /** Takes a line without line break. Never throws and never waits. */
  readonly write: (line: string) => void;
  /** Lines lost since the start. */
  readonly lost: () => number;
  /** Resolves when every line taken so far is written or lost. */
  readonly flushed: () => Promise<void>;
}

/** Makes a `LineWriter`. It holds lines only while `append` works on those before them. */
export function createLineWriter(options: LineWriterOptions): LineWriter {
  let pending: string[] = [];
  let pendingLength = 0;
  let flushing: Promise<void> | null = null;
  let lost = 0;
  /** `lost` when the present failure began; null: all is well. */
  let lostBefore: number | null = null;

  function lose(count: number, error: unknown): void {
    if (lostBefore === null) {
      lostBefore = lost;
      options.onFailure(error);
    }
    lost += count;
  }

  async function appendPending(): Promise<void> {
    const lines = pending;
    pending = [];
    pendingLength = 0;
    try {
      await options.append(`${lines.join("\n")}\n`);
    } catch (error) {
      lose(lines.length, error);
      return;
    }
    // What waits since before the loss goes out first, so that there is room to report it.
    if (lostBefore === null || pendingLength > options.maxPending / 2) return;
    options.onRecovery(lost - lostBefore);
    lostBefore = null;
  }

  async function flush(): Promise<void> {
    // Lines of the same turn of the event loop go out together.
    await Promise.resolve();
    while (pending.length > 0) await appendPending();
    flushing = null;
  }

  return {
    write(line) {
      if (pendingLength + line.length > options.maxPending) {
        lose(1, new Error(`More than ${options.maxPending} characters wait to be written`));
        return;
      }
      pending.push(line);
      pendingLength += line.length;
      flushing ??= flush();
    },
    lost: () => lost,
    flushed: () => flushing ?? Promise.resolve(),
  };
}
