import type { CommandArgument } from "../../../work/commands/argument.ts";
import { type Element, literalOf, placesIn } from "../../../work/commands/template.ts";
import { findTextRunner } from "./text_runner.ts";

/** What is wrong with a command as a whole, and in which of its fields. */
export interface TemplateFault {
  readonly path: readonly string[];
  readonly message: string;
}

/** Finds what is wrong with a command's vector, or how its arguments fit into it. */
export function findTemplateFaults(
  run: readonly Element[],
  args: ReadonlyMap<string, CommandArgument>,
): readonly TemplateFault[] {
  const faults = [...findBadProgram(run), ...findUnusedArguments(run, args)];
  for (const element of run) {
    const message = findElementFault(element, args);
    if (message !== null) faults.push({ path: ["run"], message });
  }
  const runner = findTextRunner(run);
  if (runner !== null) faults.push({ path: ["run"], message: runner });
  return faults;
}

function* findBadProgram([program]: readonly Element[]): Generator<TemplateFault> {
  const text = literalOf(program ?? []);
  if (text === null) {
    yield { path: ["run"], message: "must begin with a program, which cannot be an argument" };
  } else if (text === "" || text.startsWith("-")) {
    yield { path: ["run"], message: "must begin with a program" };
  }
}

function* findUnusedArguments(
  run: readonly Element[],
  args: ReadonlyMap<string, CommandArgument>,
): Generator<TemplateFault> {
  const used = new Set(run.flatMap(placesIn));
  for (const name of args.keys()) {
    if (!used.has(name)) yield { path: ["args", name], message: `has no place {${name}} in run` };
  }
}

function findElementFault(
  element: Element,
  args: ReadonlyMap<string, CommandArgument>,
): string | null {
  const places = placesIn(element);
  const unknown = places.find((name) => !args.has(name));
  if (unknown !== undefined) {
    return `has a place {${unknown}}, and args has no "${unknown}" (with a space behind "{" it ` +
      "is no place)";
  }
  const isOptional = (name: string) => args.get(name)?.isOptional === true;
  if (places.some(isOptional) && new Set(places).size > 1) {
    return "has an optional argument in one item with others: give it a default, or an item alone";
  }
  const [first, second] = element;
  const isDash = first !== undefined && "literal" in first && /^-+$/.test(first.literal);
  const behind = second !== undefined && "place" in second ? args.get(second.place)?.type : null;
  return isDash && behind?.kind === "text"
    ? "lets its caller name any option: list the values instead of a pattern"
    : null;
}
