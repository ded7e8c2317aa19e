const VALUE = "{[sv";

/** Longer numbers are not written. */
const MAX_SCALAR_CHARS = 1_024;

/** What may come next, as kinds of tokens: a bracket, `:` and `,`, a string `s`, any other value `v`. */
type Kinds = string;

/** The line, from 1, where a text ceases to be JSON; null: it is, but for what a token holds. */
export function findJsonFaultLine(text: string): number | null {
  const open: string[] = [];
  let allowed: Kinds = VALUE;
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const { kind, end } = tokenAt(text, at);
    if (kind === "" || !allowed.includes(kind)) return lineAt(text, at);
    if (kind === "{" || kind === "[") open.push(kind);
    if (kind === "}" || kind === "]") open.pop();
    allowed = nextKinds(kind, {
      isKey: kind === "s" && !allowed.includes("v"),
      inner: open.at(-1),
    });
    at = skipSpace(text, end);
  }
  return allowed === "" ? null : lineAt(text, text.trimEnd().length);
}

/** What may follow a token; `inner` is the innermost bracket that is open behind it. */
function nextKinds(
  kind: string,
  { isKey, inner }: { readonly isKey: boolean; readonly inner: string | undefined },
): Kinds {
  if (isKey) return ":";
  switch (kind) {
    case "{":
      return "s}";
    case "[":
      return `${VALUE}]`;
    case ":":
      return VALUE;
    case ",":
      return inner === "{" ? "s" : VALUE;
    default:
      return inner === undefined ? "" : inner === "{" ? ",}" : ",]";
  }
}

/** The token at a place; its kind is empty where there is none. */
function tokenAt(text: string, at: number): { readonly kind: string; readonly end: number } {
  const first = text.charAt(at);
  if (/[{}[\]:,]/.test(first)) return { kind: first, end: at + 1 };
  if (first === '"') {
    const end = endOfString(text, at);
    return end === null ? { kind: "", end: at } : { kind: "s", end };
  }
  const scalar = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])/
    .exec(text.slice(at, at + MAX_SCALAR_CHARS))?.[0];
  return scalar === undefined ? { kind: "", end: at } : { kind: "v", end: at + scalar.length };
}

function endOfString(text: string, start: number): number | null {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') return at + 1;
    if (char < " ") return null;
    if (char === "\\") at++;
  }
  return null;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && " \t\r\n".includes(text.charAt(at))) at++;
  return at;
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}
