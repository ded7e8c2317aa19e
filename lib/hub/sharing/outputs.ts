import type { Pause } from "../../base/bursts.ts";
import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time/clock.ts";
import { claimantOf } from "../../fleet/claimant.ts";
import { SHARED_ID_LETTERS, type SharedOutputs, shareOutputs } from "../../outputs/shared/open.ts";
import { createOutputs } from "../../outputs/store.ts";
import type { SharedState } from "../../shared/state.ts";
import type { HubState } from "../state.ts";
import { ownerOf } from "./owner.ts";

/** Options of `openOutputs()`. */
export interface OpenOutputsOptions {
  /** Null: this hub is alone. */
  readonly shared: Pick<SharedState, "peers" | "outputs"> | null;
  readonly state: () => HubState;
  readonly pause: Pause;
  readonly clock: Pick<Clock, "now" | "wall" | "after">;
  readonly log: Pick<Logger, "error">;
}

/** Opens the place where answers are kept: in memory, and for other hubs, too, where there may be any. */
export function openOutputs({ shared, ...options }: OpenOutputsOptions): SharedOutputs {
  const { state, clock: { now } } = options;
  if (shared === null) {
    return { ...createOutputs({ claimantOf, now }), close: () => Promise.resolve() };
  }
  return shareOutputs({
    ...options,
    own: createOutputs({ claimantOf, now, idLetters: SHARED_ID_LETTERS }),
    shared,
    ownerOf: (principal) => ownerOf(principal, state()),
    claimantOf,
    redact: (text) => state().redactRecord(text),
  });
}
