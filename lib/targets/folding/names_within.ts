import { foldNames } from "../fold_names.ts";

/** Names, folded: as many of them as have room in `maxChars`, and how many more there are. */
export function namesWithin(names: readonly string[], maxChars: number): string {
  const all = foldNames(names);
  if (all.length <= maxChars) return all;
  for (let shown = names.length >> 1; shown > 0; shown >>= 1) {
    const text = `${foldNames(names.slice(0, shown))} and ${names.length - shown} more`;
    if (text.length <= maxChars || shown === 1) return text;
  }
  return all;
}
