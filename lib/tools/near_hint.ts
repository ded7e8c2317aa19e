import { luaQuote } from "./lua_quote.ts";

/** Names in a hint. */
const MAX_NAMES = 3;

/** The first near names as a question that follows an error, in the Lua hub's quotes; empty: none. */
export function nearHint(near: readonly string[]): string {
  const names = near.slice(0, MAX_NAMES).map(luaQuote);
  return names.length === 0 ? "" : `; did you mean ${names.join(" or ")}?`;
}
