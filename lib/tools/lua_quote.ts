/**
 * Lua's `%q`: the text in double quotes, with a backslash before quotes, backslashes and line
 * feeds, and decimal escapes for other control characters (Lua 5.4 manual, section 6.4).
 */
export function luaQuote(text: string): string {
  const escaped = text.replaceAll(/(["\\\n])|((?=\p{ASCII})\p{Cc})(?=(\d?))/gu, (...match) => {
    const [char, plain, , digit] = match;
    if (plain !== undefined) return `\\${char}`;
    const code = String(char.charCodeAt(0));
    return `\\${digit === "" ? code : code.padStart(3, "0")}`;
  });
  return `"${escaped}"`;
}
