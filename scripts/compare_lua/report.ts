import { explain, KNOWN_DIFFERENCES, type KnownDifference } from "./known_differences.ts";
import type { Comparison } from "./situation.ts";

/** Comparisons by what came of them. */
export interface Judged {
  readonly equal: readonly Comparison[];
  readonly known: ReadonlyMap<KnownDifference, readonly Comparison[]>;
  readonly unexplained: readonly Comparison[];
}

/** Sorts comparisons. */
export function judge(comparisons: readonly Comparison[]): Judged {
  const different = Map.groupBy(comparisons.filter(({ lua, own }) => lua !== own), explain);
  const known = KNOWN_DIFFERENCES.map((difference) =>
    [difference, different.get(difference) ?? []] as const
  );
  return {
    equal: comparisons.filter(({ lua, own }) => lua === own),
    known: new Map(known.filter(([, found]) => found.length > 0)),
    unexplained: different.get(undefined) ?? [],
  };
}

/** The report; with `showsAll` it has the texts of known differences too. */
export function formatReport(
  { equal, known, unexplained }: Judged,
  { showsAll }: { readonly showsAll: boolean },
): string {
  const knownCount = [...known.values()].flat().length;
  return [
    ...[...known].flatMap(([{ what }, found]) => [
      `${String(found.length).padStart(4)}  ${what}`,
      ...(showsAll ? found.map(formatTexts) : []),
    ]),
    ...unexplained.map((comparison) => `\nDIFFERENT: ${formatTexts(comparison)}`),
    "",
    `${equal.length + knownCount + unexplained.length} comparisons: ${equal.length} equal, ` +
    `${knownCount} known differences, ${unexplained.length} others`,
  ].join("\n");
}

function formatTexts({ subject, situation, lua, own }: Comparison): string {
  return `      ${subject}, ${situation}\n        Lua: ${shown(lua)}\n        own: ${shown(own)}`;
}

function shown(text: string): string {
  const json = JSON.stringify(text);
  return json.length <= 300 ? json : `${json.slice(0, 300)}…`;
}
