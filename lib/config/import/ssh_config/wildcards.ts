/** A part of a pattern: any characters, or one that passes a test. */
type Part = "any" | ((char: string) => boolean);

/** A pattern that can be compared with texts. */
export type Wildcards = readonly Part[];

const anyOne: Part = () => true;

/** A pattern of a `Host` line: `*` and `?`. */
export function parseHostPattern(pattern: string): Wildcards {
  return [...pattern].map((char) => char === "*" ? "any" : char === "?" ? anyOne : same(char));
}

/** A part of a path in `Include`, as glob(7) has it: `*`, `?`, `[a-z]`, `[!a]`, and `\` before any. */
export function parseGlob(pattern: string): Wildcards {
  const parts: Part[] = [];
  for (const [word] of pattern.matchAll(/\\.|\[!?\]?[^\]]*\]|./gsu)) {
    if (word.length > 1 && word.startsWith("\\")) parts.push(same(word.slice(1)));
    else if (word.length > 1 && word.startsWith("[")) parts.push(oneOf(word.slice(1, -1)));
    else parts.push(...parseHostPattern(word));
  }
  return parts;
}

/** Whether a text is as a pattern says. The time is that of their lengths, multiplied. */
export function matchesWildcards(text: string, pattern: Wildcards): boolean {
  const chars = [...text];
  let [at, part] = [0, 0];
  let retry: { readonly part: number; at: number } | null = null;
  while (at < chars.length) {
    const wanted = pattern[part];
    if (wanted === "any") {
      retry = { part: ++part, at };
    } else if (wanted?.(chars[at] ?? "")) {
      at++;
      part++;
    } else if (retry !== null) {
      at = ++retry.at;
      part = retry.part;
    } else {
      return false;
    }
  }
  return pattern.slice(part).every((rest) => rest === "any");
}

function same(wanted: string): Part {
  return (char) => char === wanted;
}

function oneOf(written: string): Part {
  const isNegated = written.startsWith("!");
  const ranges = [...written.slice(isNegated ? 1 : 0).matchAll(/(.)-(.)|(.)/gsu)]
    .map(([, from, to, one = ""]) => [from ?? one, to ?? one] as const);
  return (char) => ranges.some(([from, to]) => from <= char && char <= to) !== isNegated;
}
