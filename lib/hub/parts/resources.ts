import { createPause, type Pause } from "../../base/bursts.ts";
import type { Logger } from "../../base/log.ts";
import { type Clock, systemClock } from "../../base/time/clock.ts";
import { createCoarseClock } from "../../base/time/coarse_clock.ts";
import { type Budget, createBudget } from "../../calls/budget.ts";
import type { HubSettings } from "../../config/settings.ts";
import type { SshControl } from "../../fleet/ssh/control.ts";
import { MAX_ANSWERS_BYTES } from "../../mcp/server.ts";
import { type Capacity, createCapacity } from "../capacity.ts";
import { type HubNats, openHubNats } from "../nats/open.ts";
import { openControl } from "../ssh/control.ts";

/** What the parts of a hub share. */
export interface HubResources {
  /** For the deadlines of calls. */
  readonly clock: Clock;
  readonly capacity: Omit<Capacity, keyof Disposable>;
  /** Where ssh connections are kept open; null: each call makes its own. */
  readonly control: SshControl | null;
  /** Bytes of answers that are being read or kept for their readers. */
  readonly answers: Budget;
  /** What all long work waits for between its steps. */
  readonly pause: Pause;
  /** Null: the hub does not use NATS. */
  readonly nats: HubNats | null;
  readonly log: Logger;
}

/** The same, until they are closed. */
export interface OpenResources extends HubResources {
  readonly close: () => Promise<void>;
}

/** How late a call's deadline may be noticed. */
const TICK_MS = 25;
/** How long the start waits for NATS: the first calls should not miss it. */
const NATS_START_MS = 1_000;

/** Opens them, and waits a little for NATS. */
export async function openResources(settings: HubSettings, log: Logger): Promise<OpenResources> {
  const clock = createCoarseClock(TICK_MS);
  const capacity = createCapacity({ log, clock: systemClock });
  const control = await openControl(settings.controlDirectories, log);
  const pause = createPause();
  const nats = settings.nats && openHubNats(settings.nats, { clock, pause, log });
  await nats?.connected(NATS_START_MS);
  return {
    clock,
    capacity,
    control,
    answers: createBudget(() => MAX_ANSWERS_BYTES),
    pause,
    nats,
    log,
    close: async () => {
      capacity[Symbol.dispose]();
      await nats?.close();
      clock[Symbol.dispose]();
    },
  };
}
