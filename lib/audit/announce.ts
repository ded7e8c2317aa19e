import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time/clock.ts";
import type { ChainHead } from "./chain.ts";

/** How often the newest line is logged while there are new ones. */
const EACH_MS = 600_000;

/** Options of `announceChain()`. */
export interface AnnounceOptions {
  readonly path: string;
  /** The newest line. */
  readonly head: () => ChainHead;
  readonly log: Pick<Logger, "info">;
  readonly clock: Pick<Clock, "after">;
}

/** Logs the newest line of a chain: whoever keeps the log has what the file must agree with. */
export interface Announcer extends Disposable {
  readonly announce: () => void;
}

/** Makes an `Announcer`, which logs at once, every ten minutes, and when it is disposed of. */
export function announceChain({ path, head, log, clock }: AnnounceOptions): Announcer {
  let last: number | null = null;
  let cancel = () => {};

  function announce(): void {
    const { seq, hash } = head();
    if (seq !== last) log.info("newest line of the audit trail", { path, seq, sha256: hash });
    last = seq;
  }

  function announceEach(): void {
    announce();
    cancel = clock.after(EACH_MS, announceEach);
  }

  announceEach();
  return {
    announce,
    [Symbol.dispose]: () => {
      cancel();
      announce();
    },
  };
}
