import { CONTROL } from "../../base/text/controls.ts";

const BREAKS = "\\n\\r\\v\\f\\x85\\u2028\\u2029";
/** What shows as nothing at the beginning of a line: blanks, control characters, colours. */
const INVISIBLE = `(?:(?![${BREAKS}])(?:[\\p{Zs}\\t]|${CONTROL.source})|\\x1b\\[[\\d;]*[A-Za-z])*`;
/** How lines of ours begin. */
const OURS = [
  `=${INVISIBLE}=(?!=)`,
  "again safely:",
  "stderr:",
  "stopped:",
  "to go on:",
  "not run again",
  `\\[[^${BREAKS}]{0,80} left out`,
  "\\[outputs are cut",
].join("|");
/** The beginnings of lines that read as ours. */
const LIKE_OURS = new RegExp(`(?<![^${BREAKS}])(?=${INVISIBLE}(?:${OURS}))`, "giu");
const MAY_BE_LIKE_OURS =
  /=|again safely:|stderr:|stopped:|to go on:|not run again|left out|outputs are cut/i;

/** Puts `| ` before each line of somebody else's text that would read as one of ours. */
export function guardLines(text: string): string {
  return MAY_BE_LIKE_OURS.test(text) ? text.replace(LIKE_OURS, "| ") : text;
}
