import { CONTROL } from "../../base/text/controls.ts";

const BREAKS = "\\n\\r\\v\\f\\x85\\u2028\\u2029";
/** What a terminal is sent to change colours, its title and the like (ECMA-48). */
const SEQUENCE = [
  "(?:\\x1b\\[|\\x9b)[0-?]*[ -\\/]*[@-~]",
  "(?:\\x1b[\\]PX^_]|[\\x90\\x98\\x9d-\\x9f])[^\\x07\\x1b\\x9c\\n\\r]{0,200}(?:\\x07|\\x1b\\\\|\\x9c)",
  "\\x1b[ -\\/]*[0-Z\\\\`-~]",
].join("|");
/** What shows as nothing: blanks, control characters, sequences. */
const INVISIBLE = `(?:(?![${BREAKS}])(?:[\\p{Zs}\\t\\u2800]|${CONTROL.source})|${SEQUENCE})*`;

/** Words, whatever there is between their letters that shows as nothing. */
function shownAs(words: string): string {
  return [...words.replaceAll(" ", "")].join(INVISIBLE);
}

/** How lines of ours begin. */
const OURS = [
  `=${INVISIBLE}=(?!=)`,
  shownAs("again safely:"),
  shownAs("stderr:"),
  shownAs("stopped:"),
  shownAs("to go on:"),
  shownAs("not run again"),
  `\\[[^${BREAKS}]{0,80} left out`,
  "\\[outputs are cut",
].join("|");
/** The beginnings of lines that read as ours. */
const LIKE_OURS = new RegExp(`(?<![^${BREAKS}])(?=${INVISIBLE}(?:${OURS}))`, "giu");
/** What all of them have, or what their letters can have between them. */
const MAY_BE_LIKE_OURS = new RegExp(
  "=|again safely|stderr:|stopped:|to go on:|not run again|left out|outputs are cut|" +
    `[\\u2800]|(?![\\t ${BREAKS}])(?:\\p{Zs}|${CONTROL.source})|` +
    "(?:again|to|go|not|run|safely|on|stderr|stopped)[\\t ]{2}|[\\t ]:",
  "iu",
);

/** Puts `| ` before each line of somebody else's text that would read as one of ours. */
export function guardLines(text: string): string {
  return MAY_BE_LIKE_OURS.test(text) ? text.replace(LIKE_OURS, "| ") : text;
}
