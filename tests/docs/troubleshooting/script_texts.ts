import { ROOT } from "../documents.ts";
import { GAP, type Text } from "./source_texts.ts";

/** Functions of the scripts that say what is wrong, or what to know. */
const SAYING = /(?<![\w-])(?:fail|fail_usage|give_up|say|echo) +(?=")/g;

/** What a shell script says where something is wrong. */
export async function scriptTexts(path: string): Promise<Text[]> {
  const source = await Deno.readTextFile(ROOT + path);
  const code = source.replace(/^ *#.*$/gm, "");
  return [...code.matchAll(SAYING)].flatMap((match) => {
    const { text, end } = readStrings(code, match.index + match[0].length);
    // What a function prints may be part of what another one says.
    const isSaid = !match[0].startsWith("echo") || /^ *>&2/.test(code.slice(end)) ||
      text.split(" ").length > 5;
    return isSaid && /\p{L} +\S/u.test(text) ? [{ text, path }] : [];
  });
}

interface Read {
  readonly text: string;
  readonly end: number;
}

/** The strings in double quotes that follow each other, as one. */
function readStrings(code: string, start: number): Read {
  const first = readString(code, start);
  const between = /^(?: |\\\n)+(?=")/.exec(code.slice(first.end))?.[0];
  if (between === undefined) return first;
  const rest = readStrings(code, first.end + between.length);
  return { text: `${first.text} ${rest.text}`, end: rest.end };
}

/** A string in double quotes; what the shell puts into it is a gap. */
function readString(code: string, start: number): Read {
  let text = "";
  let at = start + 1;
  while (code[at] !== '"') {
    if (at >= code.length) {
      throw new Error(`A string does not end: ${code.slice(start, start + 40)}`);
    }
    const rest = code.slice(at, at + 200);
    const escaped = /^\\([\s\S])/.exec(rest);
    const variable = /^\$(?:\w+|[#?$@*!]|\{(?:[^{}]|\$\{[^{}]*\})*\})/.exec(rest);
    if (escaped !== null) {
      text += escaped[1] === "\n" ? "" : escaped[1];
      at += 2;
    } else if (code.startsWith("$(", at)) {
      text += GAP;
      at = endOfCommand(code, at + 2);
    } else if (variable !== null) {
      text += GAP;
      at += variable[0].length;
    } else {
      text += code[at];
      at++;
    }
  }
  return { text, end: at + 1 };
}

/** Where `$(…)` ends, which may hold strings and others of its kind. */
function endOfCommand(code: string, start: number): number {
  let at = start;
  while (code[at] !== ")") {
    if (at >= code.length) {
      throw new Error(`A command does not end: ${code.slice(start, start + 40)}`);
    }
    if (code[at] === '"') at = readString(code, at).end;
    else if (code[at] === "(") at = endOfCommand(code, at + 1);
    else at++;
  }
  return at + 1;
}
