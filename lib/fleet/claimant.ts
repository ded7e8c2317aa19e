import type { Claimant } from "../calls/claimant.ts";
import { OWN_PRINCIPALS } from "./client.ts";

/** The hub, for work of its own. */
export const HUB: Claimant = { name: "hub", isOperator: true };

/** The claimant that a principal is. */
export function claimantOf(principal: string): Claimant {
  return { name: principal, isOperator: OWN_PRINCIPALS.has(principal) };
}
