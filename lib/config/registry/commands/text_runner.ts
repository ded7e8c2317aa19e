import { type Element, literalOf, placesIn } from "../../../work/commands/template.ts";
import {
  CONTAINERS,
  FIND_ACTIONS,
  GNU_NAMES,
  INTERPRETERS,
  NAMERS,
  type OptionRules,
  PODS,
  RUNNERS,
  RUNNING_OPTIONS,
  RUNNING_WORDS,
  WRAPPERS,
} from "./programs.ts";

/**
 * Why a command would run what its caller says, and not only hand it on as data, in words that follow
 * its name; null: as far as the programs are known, it does not. Of programs that are not known, only
 * a shell or the like among their arguments is found (`docker exec web sh -c {text}`).
 */
export function findTextRunner(run: readonly Element[]): string | null {
  if (!run.slice(1).some(hasPlace)) return null;
  const [program] = run;
  const name = program === undefined ? null : programName(program);
  if (name === null) return null;
  const base = withoutVersion(name);
  if (RUNNERS.has(name)) {
    return `hands an argument to "${name}", which can run it: name the program itself, or put ` +
      "this into a script on the hosts";
  }
  const interpreter = INTERPRETERS.get(name) ?? INTERPRETERS.get(base);
  if (interpreter !== undefined) {
    if (isScriptFixed(run, interpreter)) return null;
    return `hands an argument to "${name}", which can run it: put a script on the hosts, and its ` +
      `fixed path right behind "${name}"`;
  }
  const wrapper = WRAPPERS.get(name);
  if (wrapper !== undefined) return findBehindWrapper(run, name, wrapper);
  return findInContainer(run, name) ?? findRunningWord(run, name) ??
    findRunningOption(run, name) ?? (NAMERS.has(name) ? null : findInlineText(run));
}

/** Whether an interpreter reads nothing but what is in the command, or is given nothing. */
function isScriptFixed(run: readonly Element[], rules: OptionRules): boolean {
  const at = findOperand(run, rules);
  const script = at === null ? null : run[at];
  if (script === undefined) return true;
  if (script === null || !isFixedOperand(script)) return false;
  return rules.permutes !== true || !hasUnknownOption(run, rules);
}

function hasUnknownOption(run: readonly Element[], rules: OptionRules): boolean {
  const end = run.findIndex((element) => literalOf(element) === "--");
  return run.slice(1, end < 0 ? run.length : end).map(textOf).some((text) =>
    text.startsWith("-") && optionLength(text, rules) === null
  );
}

function findRunningWord(run: readonly Element[], name: string): string | null {
  const words = RUNNING_WORDS.get(name) ?? [];
  const at = run.findIndex((element) => words.includes(literalOf(element) ?? ""));
  if (at < 0 || !run.slice(at).some(hasPlace)) return null;
  const runner = `${name} ${literalOf(run[at] ?? [])}`;
  return `hands an argument to "${runner}", which can run it: put this into a script on the hosts`;
}

function findInContainer(run: readonly Element[], name: string): string | null {
  const at = run.findIndex((element) => literalOf(element) === "exec");
  if (at < 0) return null;
  const container = CONTAINERS.get(name);
  if (container !== undefined) return findBehindWrapper(run.slice(at), `${name} exec`, container);
  if (!PODS.has(name)) return null;
  const end = run.findIndex((element, index) => index > at && literalOf(element) === "--");
  const inner = end < 0 ? [] : run.slice(end + 1);
  const [program] = inner;
  return program === undefined || !isFixedOperand(program)
    ? `lets its caller say what "${name} exec" runs: name the program behind "--"`
    : findTextRunner(inner);
}

/** What a program is known as: the last part of its path; null: it has a place. */
function programName(element: Element): string | null {
  const file = literalOf(element)?.split("/").at(-1)?.toLowerCase();
  if (file === undefined) return null;
  const name = file.replace(/[.-]static$/, "");
  return GNU_NAMES.has(name) ? name.slice(1) : name;
}

/** `python3.11` is `python`. */
function withoutVersion(name: string): string {
  return name.replace(/-?\d[\d.]*$/, "");
}

function hasPlace(element: Element): boolean {
  return placesIn(element).length > 0;
}

function isFixedOperand(element: Element): boolean {
  return /^[^-+]/.test(literalOf(element) ?? "");
}

function findBehindWrapper(
  run: readonly Element[],
  name: string,
  rules: OptionRules,
): string | null {
  const first = findOperand(run, rules);
  if (first === null) {
    return `hands an argument to "${name}" with an option that is not known here: leave it out, ` +
      "or put this into a script on the hosts";
  }
  const inner = withoutVariables(run.slice(first + (rules.operands ?? 0)));
  const [program] = inner;
  if (program === undefined) return null;
  if (!isFixedOperand(program)) return `lets its caller say what "${name}" runs`;
  return findTextRunner(inner);
}

/** `sudo` takes `NAME=VALUE` before the program. */
function withoutVariables(run: readonly Element[]): readonly Element[] {
  const at = run.findIndex((element) => !/^[A-Za-z_]\w*=/.test(literalOf(element) ?? ""));
  return at < 0 ? [] : run.slice(at);
}

/** Where the first operand of a program is, or would be; null: an option is not known. */
function findOperand(run: readonly Element[], rules: OptionRules): number | null {
  let at = 1;
  for (let element = run[at]; element !== undefined; element = run[at]) {
    const text = textOf(element);
    if (text === "--") return at + 1;
    if (!text.startsWith("-")) break;
    const length = optionLength(text, rules);
    if (length === null) return null;
    at += length;
  }
  return at;
}

function textOf(element: Element): string {
  return element.map((part) => "literal" in part ? part.literal : PLACE).join("");
}

/** What no option is written with. */
const PLACE = "\0";

/** How many elements an option takes; null: it is not known. */
function optionLength(
  text: string,
  { flags, valued, longFlags = [], longValued = [] }: OptionRules,
): number | null {
  if (text.startsWith("--")) {
    const [name = ""] = text.split("=", 1);
    if (text.includes("=")) return longValued.includes(name) ? 1 : null;
    if (longFlags.includes(name)) return 1;
    return longValued.includes(name) ? 2 : null;
  }
  for (const [at, letter] of [...text].entries()) {
    if (at === 0 || flags.includes(letter)) continue;
    if (!valued.includes(letter)) return null;
    return at === text.length - 1 ? 2 : 1;
  }
  return text === "-" ? null : 1;
}

function findRunningOption(run: readonly Element[], name: string): string | null {
  if (name === "find") {
    const action = run.map(literalOf).find((text) => FIND_ACTIONS.includes(text ?? ""));
    return action === undefined || action === null
      ? null
      : `hands an argument to "find" with "${action}", which runs a program: put this into a ` +
        "script on the hosts";
  }
  // Its options may stand without a dash, and their values follow in their order.
  const isBare = name === "tar" && /^\w*[FI]/.test(literalOf(run[1] ?? []) ?? "");
  if (isBare) return 'hands an argument to "tar", which can run it: write its options with a dash';
  for (const option of RUNNING_OPTIONS.get(name) ?? []) {
    const isItsValue = run.some((element, at) =>
      hasPlace(element) &&
      (isOption(literalOf(run[at - 1] ?? []) ?? "", option) || isAttached(element, option))
    );
    if (isItsValue) return `hands an argument to "${name}" as what "${option}" runs`;
  }
  return null;
}

/** Fewer letters of a long option could be those of many. */
const MIN_SHORTENED = "--xx".length;

/** Whether a text is an option, perhaps shortened, or behind others as in `-ave`. */
function isOption(text: string, option: string): boolean {
  if (text === option) return true;
  if (option.startsWith("--")) return text.length >= MIN_SHORTENED && option.startsWith(text);
  return /^-[A-Za-z]+$/.test(text) && text.endsWith(option.slice(1));
}

function isAttached([first]: Element, option: string): boolean {
  if (first === undefined || !("literal" in first)) return false;
  const [start = "", ...value] = first.literal.split("=");
  if (option.startsWith("--")) return value.length > 0 && isOption(start, option);
  return first.literal.startsWith(option) || isOption(first.literal, option);
}

/** An interpreter among the arguments of another program, with the text that it is to run. */
function findInlineText(run: readonly Element[]): string | null {
  for (const [at, element] of run.entries()) {
    const name = at === 0 ? null : programName(element);
    if (name === null || !INTERPRETERS.has(withoutVersion(name))) continue;
    const rest = run.slice(at + 1);
    const end = rest.findIndex((element) => textOf(element) === "--");
    const hasText = rest.slice(0, end < 0 ? rest.length : end).map(textOf)
      .some((text) => isTextOption(text, withoutVersion(name)));
    if (hasText && rest.some(hasPlace)) {
      return `hands an argument to "${name}", which can run it: put this into a script on the hosts`;
    }
  }
  return null;
}

/** Whether an option of an interpreter has it run a text. */
function isTextOption(text: string, name: string): boolean {
  if (text.startsWith("--")) return /^--(eval|command|execute)\b/.test(text);
  return (name === "php" ? /^-\w*r/ : /^-\w*[ceE]/).test(text);
}
