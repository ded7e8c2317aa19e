import type { Clock } from "../../base/time/clock.ts";
import { rest } from "../../base/time/rest.ts";

/** After a connection that could not be accepted: too many files may be open, and that passes. */
const RETRY_MS = 1_000;

/** Options of `acceptConnections()`. */
export interface AcceptOptions {
  /** Must not throw. Called with one more, perhaps, when `signal` has been aborted. */
  readonly onConnection: (connection: Deno.UnixConn) => void;
  readonly clock: Pick<Clock, "after">;
  /** Ends it; aborted before the listener is closed. */
  readonly signal: AbortSignal;
}

/** Accepts connections until it is ended, whatever becomes of one of them. Never rejects. */
export async function acceptConnections(
  listener: Pick<Deno.UnixListener, "accept">,
  { onConnection, clock, signal }: AcceptOptions,
): Promise<void> {
  while (!signal.aborted) {
    const connection = await listener.accept().catch(() => null);
    if (connection === null) await rest(RETRY_MS, { clock, signal });
    else onConnection(connection);
  }
}
