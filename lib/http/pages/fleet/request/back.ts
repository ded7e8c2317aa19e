import { CONTROL } from "../../../../base/text/controls.ts";

const MAX_CHARS = 4_096;

/**
 * Where to go on after an action: a path of this site, with what its query may have. Everything else
 * becomes `/`, so that no link leads a visitor who signs in to somebody else's site.
 */
export function parseBack(text: string | null): string {
  if (text === null || text.length > MAX_CHARS) return "/";
  // Browsers read "/\" as "//", and skip tabs and line breaks.
  if (!/^\/(?!\/)/.test(text) || /[\\\s]/.test(text) || CONTROL.test(text)) return "/";
  const url = URL.parse(text, BASE);
  // "/.//evil.example" has become "//evil.example".
  if (url === null || url.origin !== BASE || url.pathname.startsWith("//")) return "/";
  if (url.pathname === "/sign-in") return "/";
  const query = new URLSearchParams([...url.searchParams].filter(([name]) => FIELDS.has(name)));
  return query.size === 0 ? url.pathname : `${url.pathname}?${query}`;
}

const BASE = "http://site.invalid";
/** Of pages. A token that somebody puts into a URL must not be repeated. */
const FIELDS: ReadonlySet<string> = new Set(["q", "sort", "order"]);
