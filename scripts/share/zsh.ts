import type { Role } from "../../lib/config/variables.ts";
import { type Option, optionBeforeFile, optionsOf } from "./options.ts";

/** The completion of a program for zsh, a file for a folder of its `$fpath`. */
export function renderZsh(role: Role): string {
  const name = `lmcp-${role}`;
  const before = optionBeforeFile(role);
  const rows = optionsOf(role).flatMap(argumentsOf);
  return `#compdef ${name}
# Completion of ${name} for zsh.

_arguments \\
${rows.map((row) => `  ${quote(row)}`).join(" \\\n")} \\
  ${before === null ? "':PORT:( )'" : `':FILE:{(( words[(I)--${before}*] )) && _files}'`}
`;
}

function argumentsOf(option: Option): readonly string[] {
  const { name, letter, value, isRepeatable, meaning } = option;
  const description = `[${meaning.replace(/[\\\]\[:]/g, "\\$&")}]`;
  const repeated = isRepeatable ? "*" : "";
  const long = `${repeated}--${name}${value.kind === "none" ? "" : "="}${description}${
    actionOf(option)
  }`;
  return letter === null ? [long] : [long, `-${letter}${description}`];
}

function actionOf({ value }: Option): string {
  switch (value.kind) {
    case "none":
      return "";
    case "file":
      return `:${value.name}:_files`;
    case "choice":
      return `:${value.name}:(${value.choices.join(" ")})`;
    case "text":
      return `:${value.name}: `;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
