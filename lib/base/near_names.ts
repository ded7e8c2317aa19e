/** The known names that a misspelt one may mean, nearest first: at most two edits away. */
export function nearNames(name: string, known: Iterable<string>): string[] {
  const wanted = name.toLowerCase();
  return [...known]
    .map((candidate) => ({ candidate, edits: countEdits(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= 2 && edits < candidate.length / 2)
    .sort((a, b) => a.edits - b.edits)
    .map(({ candidate }) => candidate);
}

/** The near names as a question that follows an error: `; did you mean "a" or "b"?`, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const near = nearNames(name, known).map((candidate) => `"${candidate}"`);
  return near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`;
}

/** Levenshtein's distance: insertions, deletions and substitutions. */
function countEdits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, char] of [...a].entries()) {
    let left = index + 1;
    const next = [left];
    for (const [column, above] of row.slice(1).entries()) {
      const diagonal = row[column] ?? 0;
      left = Math.min(left + 1, above + 1, diagonal + (char === b[column] ? 0 : 1));
      next.push(left);
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
