import type { Clock } from "../../base/time/clock.ts";
import { within } from "../../base/time/within.ts";
import { CallEnded } from "../../mcp/in_flight.ts";
import type { CallToolResult } from "../../mcp/tool.ts";
import { errorResult } from "../../mcp/tool.ts";
import type { FoundClaim } from "../../work/claims/found.ts";
import type { Claim, SettleRequest } from "../../work/claims/protocol.ts";
import type { AgentClaimFolder } from "./folder.ts";
import { RunLease } from "./lease.ts";

/** Longest wait for the end of a call that somebody asks about. */
const MAX_WAIT_MS = 10_000;

/** A call that is claimed and runs here. */
interface Running {
  readonly digest: string | null;
  readonly ending: AbortController;
  readonly ended: Promise<void>;
  readonly lease: RunLease;
}

/** The result of a call with a claim. */
export type ClaimedRun =
  | { readonly kind: "ran"; readonly result: CallToolResult }
  /** It did not run, since its claim is taken, or cannot be made. */
  | { readonly kind: "not_run"; readonly found: FoundClaim };

/** Does the work of a call until the signal ends it. */
export type ClaimedWork = (signal: AbortSignal) => Promise<CallToolResult>;

/** Runs calls under claims, each once, and knows what became of them. */
export interface Keeper {
  /**
   * Does work if the claim is free, and keeps its answer. A caller that is only disconnected does not
   * end it, if it asks for the answer soon.
   */
  readonly run: (claim: Claim, signal: AbortSignal, work: ClaimedWork) => Promise<ClaimedRun>;
  /** What became of a claim. One that nobody has made cannot be made any more. */
  readonly settle: (request: SettleRequest, gone: AbortSignal) => Promise<FoundClaim>;
}

/** Makes a `Keeper` for an agent's folder. */
export function createKeeper(folder: AgentClaimFolder, clock: Clock): Keeper {
  return new FolderKeeper(folder, clock);
}

class FolderKeeper implements Keeper {
  readonly #folder: AgentClaimFolder;
  readonly #clock: Clock;
  readonly #running = new Map<string, Running>();
  readonly #inTurn = createQueue();

  constructor(folder: AgentClaimFolder, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  async run(claim: Claim, signal: AbortSignal, work: ClaimedWork): Promise<ClaimedRun> {
    const { id } = claim;
    if (this.#running.has(id)) return await this.#findTaken(id, signal);
    // Before the claim is made, so that whoever finds it made finds the call here.
    const { lease, leave } = this.#begin(claim);
    const claimed = await this.#folder.claim(claim);
    if (claimed.kind === "ours") {
      return await this.#runOnce(claim, () => lease.run(signal, work), { ...claimed, leave });
    }
    leave();
    if (claimed.kind === "taken") return await this.#findTaken(id, signal);
    return { kind: "not_run", found: unclaimable(claimed.reason) };
  }

  async settle(request: SettleRequest, gone: AbortSignal): Promise<FoundClaim> {
    return await this.#folder.is(request.folder) ? await this.#find(request, gone) : ANOTHER;
  }

  /** Lists a call as running, until it leaves. */
  #begin({ id, digest }: Claim): { readonly lease: RunLease; readonly leave: () => void } {
    const ending = new AbortController();
    const wasAsked = (withinMs: number) => this.#folder.wasAsked(id, withinMs);
    const lease = new RunLease({ ending, clock: this.#clock, wasAsked });
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#running.set(id, { digest, ending, ended, lease });
    const leave = () => {
      this.#running.delete(id);
      end();
    };
    return { lease, leave };
  }

  async #findTaken(id: string, signal: AbortSignal): Promise<ClaimedRun> {
    return { kind: "not_run", found: await this.#find(atOnce(id), signal) };
  }

  /** Only who may call again has to wait until the answer is kept: it must be there after a crash. */
  async #runOnce(
    claim: Claim,
    work: () => Promise<CallToolResult>,
    { signed, leave }: { readonly signed: Promise<void>; readonly leave: () => void },
  ): Promise<ClaimedRun> {
    const keep = async (result: CallToolResult) => {
      await signed;
      await this.#folder.leave(claim, result);
      leave();
    };
    try {
      const result = await work();
      const kept = this.#folder.track(keep(result));
      if (claim.digest !== null) await kept;
      return { kind: "ran", result };
    } catch (error) {
      await keep(errorResult("Error: the agent itself failed"));
      throw error;
    }
  }

  async #find(request: Question, gone: AbortSignal): Promise<FoundClaim> {
    const { id, waitMs, cancel } = request;
    const call = this.#running.get(id);
    if (call !== undefined) {
      if (cancel) call.ending.abort(new CallEnded("cancelled"));
      call.lease.renew();
      if (waitMs > 0) await within(call.ended, Math.min(waitMs, MAX_WAIT_MS), gone);
      call.lease.renew();
      if (this.#running.has(id)) return { found: { state: "running" }, digest: call.digest };
    }
    // One after the other: each starts a process.
    return await this.#inTurn(async () =>
      gone.aborted && !cancel ? NOBODY : await this.#lookUp(request)
    );
  }

  async #lookUp(asked: Question): Promise<FoundClaim> {
    const { id } = asked;
    for (let tries = 0; tries < 2; tries++) {
      const { pid, ...known } = await this.#folder.lookUp(asked);
      if (pid !== this.#folder.pid) return known;
      const call = this.#running.get(id);
      if (call !== undefined) return { found: { state: "running" }, digest: call.digest };
    }
    // It ran here, and does not run any more.
    return { found: { state: "ended", result: null }, digest: null };
  }
}

type Question = Omit<SettleRequest, "folder">;

const ANOTHER: FoundClaim = {
  found: { state: "unable", reason: "its claims are in another folder" },
  digest: null,
};

const NOBODY: FoundClaim = {
  found: { state: "unable", reason: "nobody waits for it any more" },
  digest: null,
};

function atOnce(id: string): Question {
  return { id, boot: null, ageSeconds: 0, waitMs: 0, cancel: false };
}

function unclaimable(reason: string): FoundClaim {
  return { found: { state: "unclaimable", reason }, digest: null };
}

/** Does work when all that came before it is done. */
function createQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return function inTurn(work) {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
}
