/** How deep JSON may be nested. V8 takes quadratic time to write what is nested deeper. */
const MAX_DEPTH = 1_000;
/** Arrays, objects and elements: each takes far more memory than its characters. */
const MAX_PARTS = 1_000_000;
/** Members of objects: to read so many different names takes V8 a tenth of a second. */
const MAX_MEMBERS = 100_000;
/** Characters that are in no string: numbers, blanks and what holds the parts together. */
const MAX_OUTSIDE_CHARS = 16 * 1024 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Which bound JSON text exceeds, so that to parse it would take too long or too much memory; null:
 * none. Reads the text once, and jumps over its strings; a short text cannot harm.
 */
export function findExcess(text: string): string | null {
  if (text.length <= 2 * MAX_DEPTH) return null;
  let [depth, parts, members, outside] = [0, 0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    if (++outside > MAX_OUTSIDE_CHARS) return `${MAX_OUTSIDE_CHARS} characters outside its strings`;
    switch (text[at]) {
      case '"':
        at = endOfString(text, at);
        break;
      case "[":
      case "{":
        if (++depth > MAX_DEPTH) return `${MAX_DEPTH} levels`;
        if (++parts > MAX_PARTS) return `${MAX_PARTS} parts`;
        break;
      case "]":
      case "}":
        depth--;
        break;
      case ",":
        if (++parts > MAX_PARTS) return `${MAX_PARTS} parts`;
        break;
      case ":":
        if (++members > MAX_MEMBERS) return `${MAX_MEMBERS} members`;
    }
  }
  return null;
}

/** Characters that are read one by one where a string has escapes. */
const STEP = 256;

/**
 * Where the string that starts at `start` ends: at its closing quote, or behind the text. A search
 * for quotes is fast where there are few, and reading each character where there are many.
 */
function endOfString(text: string, start: number): number {
  for (let at = start + 1;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    if (countBackslashes(text, quote) % 2 === 0) return quote;
    at = quote + 1;
    for (const end = at + STEP; at < end; at++) {
      const char = text.charCodeAt(at);
      if (char === QUOTE) return at;
      if (char === BACKSLASH) at++;
    }
  }
}

function countBackslashes(text: string, before: number): number {
  let count = 0;
  while (text.charCodeAt(before - 1 - count) === BACKSLASH) count++;
  return count;
}
