import { OWN_PRINCIPALS } from "./client.ts";

/** Somebody who wants a part of what is bounded: places to run in, bytes. */
export interface Claimant {
  readonly name: string;
  /** Operators are bound by no share, and have a reserve that is theirs alone. */
  readonly isOperator: boolean;
}

/** The hub, for work of its own. */
export const HUB: Claimant = { name: "hub", isOperator: true };

/** The claimant that a principal is. */
export function claimantOf(principal: string): Claimant {
  return { name: principal, isOperator: OWN_PRINCIPALS.has(principal) };
}

/** How much of something one claimant may have who is no operator. */
export function shareOf(total: number): number {
  return Math.max(1, Math.floor(total / 2));
}

/** How much of something is kept for operators. */
export function reserveOf(total: number): number {
  return Math.floor(total / 8);
}
