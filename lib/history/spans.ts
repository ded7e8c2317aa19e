import type { PastSpan, PastStatus } from "./reader.ts";

/** How far back. */
const KEPT_MS = 3_600_000;
/** Of one host. */
const MAX_SPANS = 32;
/** Different reasons of one host. */
const MAX_REASONS = 4;

interface Span {
  readonly status: PastStatus;
  reason: string | null;
  readonly from: number;
}

/** The statuses of one host over the last hour. Its last span lasts. */
export class StatusSpans {
  #spans: Span[] = [];

  /** Since when it has been in its status; null: nothing is known. */
  get since(): number | null {
    return this.#spans.at(-1)?.from ?? null;
  }

  /** Most often nothing has changed. */
  record(status: PastStatus, reason: string | null, at: number): void {
    const last = this.#spans.at(-1);
    if (last?.status === status) {
      if (last.reason === reason) return;
      last.reason = null;
      last.reason = this.#keep(reason);
      return;
    }
    // A clock that was set back must not put one span before the other.
    const from = Math.max(at, last?.from ?? at);
    this.#spans.push({ status, reason: this.#keep(reason), from });
    this.#forgetOld(at);
  }

  read(now: number): readonly PastSpan[] {
    this.#forgetOld(now);
    return this.#spans.map(({ status, reason, from }, index) => ({
      status,
      reason,
      from,
      to: this.#spans[index + 1]?.from ?? null,
    }));
  }

  #forgetOld(now: number): void {
    const isOver = (index: number) => (this.#spans[index + 1]?.from ?? now) < now - KEPT_MS;
    let gone = Math.max(0, this.#spans.length - MAX_SPANS);
    while (isOver(gone)) gone++;
    if (gone > 0) this.#spans = this.#spans.slice(gone);
  }

  /** The same text is kept once, and the oldest is let go of for a new one. */
  #keep(reason: string | null): string | null {
    if (reason === null) return null;
    const known = new Set(this.#spans.flatMap((span) => span.reason ?? []));
    for (const text of known) if (text === reason) return text;
    const [oldest] = known;
    if (known.size >= MAX_REASONS) {
      for (const span of this.#spans) if (span.reason === oldest) span.reason = null;
    }
    return reason;
  }
}
