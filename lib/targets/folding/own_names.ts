/** What a host's own name is replaced by. */
export const HOST_PLACE = "{host}";

/** A text without the names of its host, and where they were. */
export interface Replaced {
  readonly text: string;
  /** Where the text has `{host}` in the place of a name; it may hold others by itself. */
  readonly at: readonly number[];
}

/** Replaces the names of one host in a text. */
export type ReplaceNames = (text: string) => Replaced;

/**
 * Makes a `ReplaceNames` for a host's name and its other names and addresses. They are replaced as
 * whole words alone: `web1` is no part of `web10`, `www.web1` or `web1-data`, but `web1.example.org`
 * begins with it. A name that is a number stays, since it means other things, too.
 */
export function createReplaceNames(names: Iterable<string>): ReplaceNames {
  const own = [...new Set(names)].filter((name) => !/^\d*$/.test(name));
  if (own.length === 0) return (text) => ({ text, at: [] });
  // Where one name starts like another, the longer one must be tried first.
  const words = own.sort((a, b) => b.length - a.length).map(wordPattern).join("|");
  const pattern = new RegExp(words, "gu");
  return (text) =>
    own.some((name) => text.includes(name)) ? replace(text, pattern) : { text, at: [] };
}

/** A dot after a name ends it, unless a number goes on there; a colon is part of an IPv6 address. */
function wordPattern(name: string): string {
  const colon = name.includes(":") ? ":" : "";
  return `(?<![\\p{L}\\p{N}._${colon}\\-])${escapeUnicode(name)}` +
    `(?![\\p{L}\\p{N}_${colon}\\-]|\\.\\p{N})`;
}

/** `RegExp.escape` writes some characters in a way that patterns with `u` refuse. */
function escapeUnicode(name: string): string {
  return [...name].map((char) => `\\u{${char.codePointAt(0)?.toString(16)}}`).join("");
}

function replace(text: string, pattern: RegExp): Replaced {
  const at: number[] = [];
  let shift = 0;
  const replaced = text.replace(pattern, (name, offset: number) => {
    at.push(offset + shift);
    shift += HOST_PLACE.length - name.length;
    return HOST_PLACE;
  });
  return { text: replaced, at };
}
