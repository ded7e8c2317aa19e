/**
 * A character that shows as nothing, and can end a line, move a terminal's cursor or turn the order
 * of a text around: control and format characters, separators of lines and paragraphs, and whatever
 * else Unicode says is not to be shown.
 */
export const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

const CONTROLS = new RegExp(CONTROL, "gu");

/** Writes each such character as JSON does in a string, so that one line of JSON stays the same. */
export function escapeControls(text: string): string {
  return CONTROL.test(text) ? text.replace(CONTROLS, escapeUnits) : text;
}

function escapeUnits(char: string): string {
  return char.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
