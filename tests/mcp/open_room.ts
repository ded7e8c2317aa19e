import { createPause } from "../../lib/base/bursts.ts";
import { type Clock, systemClock } from "../../lib/base/time/clock.ts";
import { type Budget, createBudget, type Lease } from "../../lib/calls/budget.ts";
import { AnswerRoom } from "../../lib/mcp/room.ts";

const MIB = 1024 * 1024;
const ANN = { name: "ann", isOperator: true };

/** What `openRoom()` may be given. */
export interface OpenRoomOptions {
  /** Of all answers; default: there is no bound. */
  readonly budget?: Budget;
  readonly lease?: Lease;
  readonly maxBytes?: number;
  readonly clock?: Clock;
}

/** The room of one call. */
export function openRoom(options: OpenRoomOptions = {}): AnswerRoom {
  const { budget = createBudget(() => Infinity), maxBytes = 256 * MIB, clock = systemClock } =
    options;
  return new AnswerRoom({
    lease: options.lease ?? budget.lease(ANN),
    maxBytes,
    clock,
    pause: createPause(),
  });
}
