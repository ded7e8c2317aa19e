import { FLAGS } from "../../lib/cli/flags.ts";
import { helpOf } from "../../lib/cli/help.ts";
import type { Role } from "../../lib/config/variables.ts";

/** An option of a program, as a shell completes it. */
export interface Option {
  /** Without the dashes. */
  readonly name: string;
  /** The same as one letter; null: there is none. */
  readonly letter: string | null;
  /** What follows it. */
  readonly value: OptionValue;
  readonly isRepeatable: boolean;
  readonly meaning: string;
}

/** The value of an option: none, a file, one of several words, or any text. */
export type OptionValue =
  | { readonly kind: "none" }
  | { readonly kind: "file"; readonly name: string }
  | { readonly kind: "choice"; readonly name: string; readonly choices: readonly string[] }
  | { readonly kind: "text"; readonly name: string };

const LETTERS: ReadonlyMap<string, string> = new Map([["help", "h"], ["version", "V"]]);

/** All options of a program: those that choose what it does, and the others. */
export function optionsOf(role: Role): readonly Option[] {
  const { usage, options } = helpOf(role);
  const all = [...usage, ...options].flatMap(([left, meaning]) =>
    [...left.matchAll(/--([a-z-]+)(?: ([\w|-]+))?/g)].map(([, name = "", value = ""]): Option => ({
      name,
      letter: LETTERS.get(name) ?? null,
      value: valueOf(name, value),
      isRepeatable: meaning.endsWith("; repeatable"),
      meaning,
    }))
  );
  return [...new Map(all.map((option) => [option.name, option])).values()];
}

/** The option after whose value a file may follow, as an argument; null: there is none. */
export function optionBeforeFile(role: Role): string | null {
  const calls = helpOf(role).usage.map(([call]) => call).join("\n");
  return /--([a-z-]+) \S+ \[?FILE\b/.exec(calls)?.[1] ?? null;
}

function valueOf(name: string, value: string): OptionValue {
  if (value === "") return { kind: "none" };
  const choices = FLAGS.get(name)?.choices ?? (value.includes("|") ? value.split("|") : null);
  if (choices !== null) return { kind: "choice", name: value, choices };
  return { kind: value === "FILE" ? "file" : "text", name: value };
}
