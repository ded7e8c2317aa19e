import { within } from "../../base/within.ts";
import type { SshControl } from "./control.ts";
import { notDelivered, type SshFailure, type SshResult, type SshWay } from "./run.ts";

/** A call to one destination, as far as reuse has to know it. */
export interface ReusingCall {
  readonly sshHost: string;
  readonly signal: AbortSignal;
  /** Longest wait for another call's connection. */
  readonly openingMs: number;
  /** Runs the call in a process of its own; may be repeated while it is not delivered. */
  readonly run: (way: SshWay) => Promise<SshResult>;
}

/** Runs calls over one kept connection for each destination. */
export type RunReusing = (call: ReusingCall) => Promise<SshResult>;

/** What came of making a connection: it is there, it failed, or its caller went away. */
type Opened = "open" | "cancelled" | SshFailure;

/**
 * Makes a `RunReusing`. While a connection is being made, further calls to the same destination
 * wait for it: ssh processes that race for one socket would each keep a connection of their own.
 */
export function createReuse(control: SshControl): RunReusing {
  const openings = new Map<string, Promise<Opened>>();
  /** How many connections have been made to each destination. */
  const made = new Map<string, number>();

  async function open(call: ReusingCall, directory: string): Promise<SshResult> {
    const { sshHost } = call;
    const opening = Promise.withResolvers<Opened>();
    openings.set(sshHost, opening.promise);
    const settle = (opened: Opened) => {
      if (openings.get(sshHost) === opening.promise) openings.delete(sshHost);
      opening.resolve(opened);
    };
    await renew(control, sshHost);
    const onReady = () => {
      made.set(sshHost, (made.get(sshHost) ?? 0) + 1);
      settle("open");
    };
    try {
      const result = await call.run({ directory, onReady });
      if (isUseless(result)) await renew(control, sshHost);
      if (result.kind === "not_delivered" && !call.signal.aborted) settle(result);
      return result;
    } finally {
      settle("cancelled");
    }
  }

  return async (call) => {
    const { sshHost, signal } = call;
    const directory = await control.directoryFor(sshHost);
    const madeBefore = made.get(sshHost);
    if (await control.isWarm(sshHost)) {
      const result = await call.run({ directory });
      if (!isUseless(result)) return result;
    }
    for (;;) {
      if (made.get(sshHost) !== madeBefore) return await call.run({ directory });
      const opening = openings.get(sshHost);
      if (opening === undefined) return await open(call, directory);
      const opened = await within(opening, call.openingMs, signal);
      if (signal.aborted) return notDelivered("cancelled");
      // The opener failed, so this call would fail alike: it shares the reason, not another wait.
      if (typeof opened === "object") return opened;
      if (opened === "timeout") return await call.run({ directory });
    }
  };
}

function isUseless(result: SshResult): boolean {
  return result.kind === "not_delivered" && result.badConnection === true;
}

/** A fresh folder. A stuck master, should it ever move again, gets no new work and leaves. */
async function renew(control: SshControl, sshHost: string): Promise<void> {
  await control.discard(sshHost);
  await control.directoryFor(sshHost);
}
