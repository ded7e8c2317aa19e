/** What a host's own name is replaced by. */
export const HOST_PLACE = "{host}";
/** Where a text has a name more often, replacing it would keep all other work waiting. */
const MAX_TIMES = 100_000;

/** Replaces the names of one host in a text; returns the text itself where there is none. */
export type ReplaceNames = (text: string) => string;

/**
 * Makes a `ReplaceNames` for a host's name and its other names and addresses. They are replaced as
 * whole words alone: `web1` is no part of `web10`, `www.web1` or `web1-data`, but `web1.example.org`
 * begins with it. A name that is a number stays, since it means other things, too, and so does one that a
 * text has very often.
 */
export function createReplaceNames(names: Iterable<string>): ReplaceNames {
  const own = [...new Set(names)].filter((name) => !/^\d*$/.test(name))
    // Where one name starts like another, the longer one must be tried first.
    .sort((a, b) => b.length - a.length);
  const pattern = own.length === 0 ? null : new RegExp(own.map(wordPattern).join("|"), "g");
  return (text) => {
    const times = own.reduce((sum, name) => sum + countTimes(text, name), 0);
    return pattern === null || times === 0 || times > MAX_TIMES
      ? text
      : text.replace(pattern, HOST_PLACE);
  };
}

/** How often a text has a name in it; not much further than `MAX_TIMES`. */
function countTimes(text: string, name: string): number {
  let times = 0;
  for (let at = text.indexOf(name); at >= 0 && times <= MAX_TIMES;) {
    times++;
    at = text.indexOf(name, at + name.length);
  }
  return times;
}

/** A dot after a name ends it, unless a number goes on there; a colon is part of an IPv6 address. */
function wordPattern(name: string): string {
  const colon = name.includes(":") ? ":" : "";
  return `(?<![\\w.${colon}\\-])${RegExp.escape(name)}(?![\\w${colon}\\-]|\\.\\d)`;
}
