import type { Role } from "../../lib/config/variables.ts";
import { type Option, optionBeforeFile, optionsOf } from "./options.ts";

/** The completion of a program for fish. */
export function renderFish(role: Role): string {
  const name = `lmcp-${role}`;
  const before = optionBeforeFile(role);
  const files = before === null
    ? ""
    : `complete -c ${name} -n '__fish_contains_opt ${before}' -F\n`;
  const lines = optionsOf(role).map((option) =>
    `complete -c ${name} -l ${option.name}${letterOf(option)}${valueOf(option)} -d ${
      quote(option.meaning)
    }`
  );
  return `# Completion of ${name} for fish.\n\ncomplete -c ${name} -f\n${files}${
    lines.join("\n")
  }\n`;
}

function letterOf({ letter }: Option): string {
  return letter === null ? "" : ` -s ${letter}`;
}

function valueOf({ value }: Option): string {
  switch (value.kind) {
    case "none":
      return "";
    case "file":
      return " -r -F";
    case "choice":
      return ` -x -a ${quote(value.choices.join(" "))}`;
    case "text":
      return " -x";
  }
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
