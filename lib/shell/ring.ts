/** The two output streams of a command. */
export type OutputStream = "stdout" | "stderr";

/** A run of bytes of one stream. */
export interface OutputPart {
  readonly stream: OutputStream;
  readonly bytes: Uint8Array;
}

/** A ring of bytes, each known to be of one stream; the oldest make room for the newest. */
export class OutputRing implements Disposable {
  readonly dropped = { stdout: 0, stderr: 0 };
  readonly #capacity: number;
  #buffer = new Uint8Array(0);
  #start = 0;
  #length = 0;
  /** Runs in order of arrival: a length in bytes, positive for stdout, negative for stderr. */
  #runs: number[] = [];
  #firstRun = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get room(): number {
    return this.#capacity - this.#length;
  }

  push(stream: OutputStream, bytes: Uint8Array): void {
    const kept = bytes.subarray(Math.max(0, bytes.length - this.#capacity));
    this.dropped[stream] += bytes.length - kept.length;
    this.#dropOldest(this.#length + kept.length - this.#capacity);
    this.#reserve(this.#length + kept.length);
    const end = (this.#start + this.#length) % this.#buffer.length || 0;
    const untilWrap = Math.min(kept.length, this.#buffer.length - end);
    this.#buffer.set(kept.subarray(0, untilWrap), end);
    this.#buffer.set(kept.subarray(untilWrap), 0);
    this.#length += kept.length;
    this.#tag(stream === "stdout" ? kept.length : -kept.length);
  }

  *parts(): Generator<OutputPart> {
    let at = this.#start;
    for (const run of this.#runs.slice(this.#firstRun)) {
      const stream = run > 0 ? "stdout" : "stderr";
      const untilWrap = Math.min(Math.abs(run), this.#buffer.length - at);
      yield { stream, bytes: this.#buffer.subarray(at, at + untilWrap) };
      const wrapped = Math.abs(run) - untilWrap;
      if (wrapped > 0) yield { stream, bytes: this.#buffer.subarray(0, wrapped) };
      at = (at + Math.abs(run)) % this.#buffer.length;
    }
  }

  [Symbol.dispose](): void {
    this.#buffer = new Uint8Array(this.#buffer.buffer.transfer(0));
    this.#runs = [];
    [this.#start, this.#length, this.#firstRun] = [0, 0, 0];
  }

  #tag(run: number): void {
    const last = this.#runs.length - 1;
    const previous = this.#runs[last] ?? 0;
    if (last >= this.#firstRun && Math.sign(previous) === Math.sign(run)) {
      this.#runs[last] = previous + run;
    } else if (run !== 0) {
      this.#runs.push(run);
    }
  }

  #dropOldest(count: number): void {
    let left = count;
    while (left > 0) {
      const run = this.#runs[this.#firstRun] ?? 0;
      const gone = Math.min(left, Math.abs(run));
      this.dropped[run > 0 ? "stdout" : "stderr"] += gone;
      this.#runs[this.#firstRun] = run - Math.sign(run) * gone;
      if (this.#runs[this.#firstRun] === 0) this.#firstRun++;
      this.#start = (this.#start + gone) % this.#buffer.length;
      this.#length -= gone;
      left -= gone;
    }
    if (this.#firstRun > 1024) {
      this.#runs = this.#runs.slice(this.#firstRun);
      this.#firstRun = 0;
    }
  }

  /** Grows what has not come round yet, so that nothing has to be moved apart. */
  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const size = Math.min(this.#capacity, Math.max(length, 2 * this.#buffer.length, 4096));
    // The old buffer is freed at once, where garbage would stay for a while.
    this.#buffer = new Uint8Array(this.#buffer.buffer.transfer(size));
  }
}
