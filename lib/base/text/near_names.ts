/** Names that are suggested: with more of them, none is likely to be the one. */
const MAX_NAMES = 3;
/** How many edits a name may be away from the one that was meant. */
const MAX_EDITS = 2;
/** No longer name is compared with others: that takes time, and nobody misspells it. */
const MAX_CHARS = 64;

/** At most three known names that a misspelt one may mean, nearest first, up to two edits away. */
export function nearNames(name: string, known: Iterable<string>): string[] {
  if (name.length > MAX_CHARS) return [];
  const wanted = name.toLowerCase();
  return [...known]
    .map((candidate) => ({ candidate, edits: countEdits(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) =>
      edits <= MAX_EDITS &&
      (edits < candidate.length / 2 || isSwapped(wanted, candidate.toLowerCase()))
    )
    .sort((a, b) => a.edits - b.edits)
    .slice(0, MAX_NAMES)
    .map(({ candidate }) => candidate);
}

/** The near names as a question that follows an error: `; did you mean "a" or "b"?`, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const near = nearNames(name, known).map((candidate) => `"${candidate}"`);
  return near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`;
}

/** Levenshtein's distance, of insertions, deletions and substitutions; Infinity if it is too large. */
function countEdits(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_EDITS) return Infinity;
  for (let edits = 0; edits <= MAX_EDITS; edits++) if (isWithin(edits, a, b)) return edits;
  return Infinity;
}

/** What both texts begin with stays; then one of them is edited, in each of the three ways. */
function isWithin(edits: number, a: string, b: string): boolean {
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  if (same === a.length && same === b.length) return true;
  if (edits === 0) return false;
  const [restOfA, restOfB] = [a.slice(same), b.slice(same)];
  return isWithin(edits - 1, restOfA.slice(1), restOfB.slice(1)) ||
    isWithin(edits - 1, restOfA.slice(1), restOfB) ||
    isWithin(edits - 1, restOfA, restOfB.slice(1));
}

/** Whether two neighbours have changed places, as in "tgas" for "tags", and nothing else. */
function isSwapped(a: string, b: string): boolean {
  const at = [...a].findIndex((char, index) => char !== b[index]);
  return a.length > 2 && a[at] === b[at + 1] && a[at + 1] === b[at] &&
    a.slice(at + 2) === b.slice(at + 2);
}
