/** How deep a message may be nested. V8 takes quadratic time to write what is nested deeper. */
const MAX_DEPTH = 1_000;
/** Arrays and objects in one message: each takes far more memory than its two characters. */
const MAX_CONTAINERS = 1_000_000;

/**
 * Whether JSON text holds so many, or so deeply nested, arrays and objects that to parse it would
 * harm. Reads the text once, and jumps over its strings; a short text cannot harm.
 */
export function isTooNested(text: string): boolean {
  if (text.length <= 2 * MAX_DEPTH) return false;
  let depth = 0;
  let containers = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        at = endOfString(text, at);
        break;
      case "[":
      case "{":
        if (++depth > MAX_DEPTH || ++containers > MAX_CONTAINERS) return true;
        break;
      case "]":
      case "}":
        depth--;
    }
  }
  return false;
}

/** Where the string that starts at `start` ends: at its closing quote, or behind the text. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return quote;
    at = quote + 1;
  }
}
