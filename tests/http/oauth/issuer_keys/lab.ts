/** In milliseconds. */
export const MINUTE = 60_000;
/** The verdict on a token with an unknown key. */
export const UNKNOWN = "refused: The token is signed with a key that its issuer does not have";

/** How often an issuer was asked for a path. */
export function countOf(asked: readonly string[], path = "/keys"): number {
  return asked.filter((one) => one === path).length;
}
