/**
 * Characters that show nothing, or change how others are shown: controls, bidirectional marks, what
 * is invisible or has no meaning yet (Unicode Standard Annex 44), and separators of lines.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Somebody else's text as one line of visible characters, the first `max` of them. */
export function visibleLine(text: string, max: number): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, " ").replace(UNSEEN, "").trim();
  const characters = [...line];
  return characters.length <= max ? line : `${characters.slice(0, max - 1).join("").trimEnd()}…`;
}

/** A value as JSON of visible characters alone: the others are escaped, so that nothing is lost. */
export function visibleJson(value: unknown): string {
  return (JSON.stringify(value) ?? "null").replace(UNSEEN, escape);
}

function escape(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
