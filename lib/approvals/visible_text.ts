import { CONTROL } from "../base/text/controls.ts";

/** Spaces and empty lines in a row that may stand as they are: more could move the rest out of sight. */
const MAX_SPACES = 40;
const MAX_EMPTY_LINES = 2;
/** Marks on one character: more would cover what is around it. */
const MAX_MARKS = 8;
/** Characters that are no spaces, and look like one. */
const BLANKS = "\\u2800\\ufffc\\u{1d159}";

/** What does not show, or shows as something else: also odd spaces, and what has no character at all. */
const UNSEEN = new RegExp(
  `(?!\\n)(?:${CONTROL.source}|(?! )\\p{Zs}|[\\p{Co}\\p{Cn}\\p{Cs}${BLANKS}])`,
  "gu",
);

/** A text as a person may read it: nothing is hidden in it, and nothing is pushed out of sight. */
export function visibleText(text: string): string {
  return text
    .replace(UNSEEN, (char) => char === "\t" ? "<tab>" : nameOf(char))
    .replace(
      new RegExp(`\\p{M}{${MAX_MARKS + 1},}`, "gu"),
      (run) => `<${[...run].length} marks over one character>`,
    )
    .replace(new RegExp(` {${MAX_SPACES + 1},}`, "g"), ({ length }) => `<${length} spaces>`)
    .replace(
      new RegExp(`\\n(?: *\\n){${MAX_EMPTY_LINES + 1},}`, "g"),
      (run) => `\n<${run.split("\n").length - 2} empty lines>\n`,
    );
}

/** `<U+202E>`. */
function nameOf(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}
