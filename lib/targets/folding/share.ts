/** Shares a total fairly: whoever wants more than others gets as much as any of them. */
export function shareFairly(wants: readonly number[], total: number): number[] {
  const level = findLevel(wants, total);
  return wants.map((want) => Math.min(want, level));
}

/** The most that each may have, if the others leave what they do not want. */
function findLevel(wants: readonly number[], total: number): number {
  let left = total;
  let others = wants.length;
  for (const want of wants.toSorted((a, b) => a - b)) {
    const level = Math.floor(left / others);
    if (want > level) return Math.max(0, level);
    left -= want;
    others--;
  }
  return Infinity;
}
