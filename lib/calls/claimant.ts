/** Somebody who wants a part of what is bounded: places to run in, bytes. */
export interface Claimant {
  readonly name: string;
  /** Operators are bound by no share, and have a reserve that is theirs alone. */
  readonly isOperator: boolean;
}

/** How much of something one claimant may have who is no operator. */
export function shareOf(total: number): number {
  return Math.max(1, Math.floor(total / 2));
}

/** How much of something is kept for operators. */
export function reserveOf(total: number): number {
  return Math.floor(total / 8);
}
