/** A part of a command's element: text as it stands, or the place of an argument. */
export type Part =
  | { readonly literal: string }
  /** The name of an argument. */
  | { readonly place: string };

/** An element of a command's argument vector, such as `--unit={unit}`. */
export type Element = readonly Part[];

/** `{name}` alone: `{{.Names}}`, `${x}`, `{}` and `{ print }` stay as they are. */
const PLACE = /(?<![{$])\{([A-Za-z][A-Za-z0-9_-]*)\}(?!\})/g;

/** Reads an element of a template. */
export function parseElement(text: string): Element {
  const parts: Part[] = [];
  let from = 0;
  for (const { index, 0: whole, 1: place = "" } of text.matchAll(PLACE)) {
    if (index > from) parts.push({ literal: text.slice(from, index) });
    parts.push({ place });
    from = index + whole.length;
  }
  if (from < text.length || parts.length === 0) parts.push({ literal: text.slice(from) });
  return parts;
}

/** The names of the arguments that have a place in an element. */
export function placesIn(element: Element): readonly string[] {
  return element.flatMap((part) => "place" in part ? [part.place] : []);
}

/** The text of an element that has no place; null: it has one. */
export function literalOf(element: Element): string | null {
  return element.some((part) => "place" in part)
    ? null
    : element.map((part) => "literal" in part ? part.literal : "").join("");
}
