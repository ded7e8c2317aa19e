/** A line of ssh's configuration that says something. */
export interface ConfigLine {
  /** From 1. */
  readonly number: number;
  /** In lower case. */
  readonly keyword: string;
  readonly args: readonly string[];
  /** Why ssh refuses the line, and with it the whole file; null: it does not. */
  readonly fault: string | null;
}

/** Splits ssh's configuration as ssh does (`process_config_line_depth()` in its readconf.c). */
export function* parseLines(text: string): Generator<ConfigLine> {
  let number = 0;
  for (const written of text.split("\n")) {
    number++;
    const { keyword, rest } = splitKeyword(written.replace(/[ \t\r\f]+$/, ""));
    if (keyword === "" || keyword.startsWith("#")) continue;
    const args = splitArguments(rest);
    const fault = rest === ""
      ? "a keyword without argument"
      : args === null
      ? "a quote without end"
      : args.includes("") && BLOCK_KEYWORDS.includes(keyword)
      ? "an empty argument"
      : null;
    yield { number, keyword, args: args ?? [], fault };
  }
}

/** Keywords of which no argument may be empty. */
const BLOCK_KEYWORDS = ["host", "include"];

interface Split {
  readonly keyword: string;
  readonly rest: string;
}

function splitKeyword(line: string): Split {
  const first = takeWord(line);
  const { word, rest } = first.word === "" ? takeWord(first.rest) : first;
  return { keyword: word.toLowerCase(), rest: skipSpace(rest) };
}

/** The text up to white space or `=`, of which one is skipped (`strdelim()` in misc.c). */
function takeWord(text: string): { readonly word: string; readonly rest: string } {
  const at = text.search(/[ \t\r"=]/);
  if (at < 0) return { word: text, rest: "" };
  const end = text.charAt(at) === '"' ? text.indexOf('"', at + 1) : at;
  if (end < 0) return { word: "", rest: "" };
  const word = end === at ? text.slice(0, at) : text.slice(0, at) + text.slice(at + 1, end);
  const rest = skipSpace(text.slice(end + 1));
  const isSpace = end === at && text.charAt(at) !== "=";
  return { word, rest: isSpace && rest.startsWith("=") ? skipSpace(rest.slice(1)) : rest };
}

function skipSpace(text: string): string {
  return text.replace(/^[ \t\r]+/, "");
}

/** The words of a text, up to a comment; null: a quote does not end (`argv_split()` in misc.c). */
function splitArguments(text: string): readonly string[] | null {
  const args: string[] = [];
  for (let at = 0; at < text.length; at++) {
    if (isBlank(text.charAt(at))) continue;
    if (text.charAt(at) === "#") break;
    const argument = takeArgument(text, at);
    if (argument === null) return null;
    args.push(argument.value);
    at = argument.end;
  }
  return args;
}

/** The argument that begins at a position, and where it ends. */
function takeArgument(
  text: string,
  start: number,
): { readonly value: string; readonly end: number } | null {
  let value = "";
  let quote = "";
  let at = start;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (char === "\\" && (/['"\\]/.test(next) || quote === "" && next === " ")) {
      value += next;
      at++;
    } else if (quote === "" && isBlank(char)) {
      break;
    } else if (quote === "" ? /['"]/.test(char) : char === quote) {
      quote = quote === "" ? char : "";
    } else {
      value += char;
    }
  }
  return quote === "" ? { value, end: at } : null;
}

function isBlank(char: string): boolean {
  return char === " " || char === "\t";
}
