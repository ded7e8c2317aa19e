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
  const own = [...new Set(names)].filter((name) => !/^\d*$/.test(name))
    // Where one name starts like another, the longer one must be tried first.
    .sort((a, b) => b.length - a.length);
  return (text) =>
    own.some((name) => text.includes(name))
      ? replace(text, new RegExp(own.map(wordPattern).join("|"), "g"))
      : { text, at: [] };
}

/** A dot after a name ends it, unless a number goes on there; a colon is part of an IPv6 address. */
function wordPattern(name: string): string {
  const colon = name.includes(":") ? ":" : "";
  return `(?<![\\w.${colon}\\-])${RegExp.escape(name)}(?![\\w${colon}\\-]|\\.\\d)`;
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
