import type { Clock } from "../../lib/base/time/clock.ts";
import { claimantOf } from "../../lib/fleet/claimant.ts";
import { createOutputs, type OwnOutputs } from "../../lib/outputs/store.ts";
import type { OutputOptions } from "../../lib/tools/output.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";

/** A place for answers that nobody fills, and its clock. */
export function outputOptions(
  clock: Clock = createFakeClock(),
): Pick<OutputOptions, "clock"> & { readonly outputs: OwnOutputs } {
  return { outputs: createOutputs({ claimantOf, now: clock.now }), clock };
}
