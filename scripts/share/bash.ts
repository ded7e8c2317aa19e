import type { Role } from "../../lib/config/variables.ts";
import { type Option, optionBeforeFile, optionsOf } from "./options.ts";

/** The completion of a program for bash; it needs nothing of bash-completion. */
export function renderBash(role: Role): string {
  const name = `lmcp-${role}`;
  const options = optionsOf(role);
  const before = optionBeforeFile(role);
  const cases = options.flatMap((option) => caseOf(option));
  return `# Completion of ${name} for bash.

_${name.replace("-", "_")}() {
  local word=\${COMP_WORDS[COMP_CWORD]} flag=\${COMP_WORDS[COMP_CWORD - 1]}
  # bash parts --flag=value at the "=".
  if [[ $word == = ]]; then
    word=
  elif [[ $flag == = ]]; then
    flag=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  case $flag in
${cases.map((line) => `    ${line}`).join("\n")}
  esac
${
    before === null
      ? ""
      : filesAfter(before)
  }  [[ $word != -* ]] || mapfile -t COMPREPLY < <(compgen -W "${flagsOf(options)}" -- "$word")
}
complete -F _${name.replace("-", "_")} ${name}
`;
}

function filesAfter(option: string): string {
  return `  if [[ " \${COMP_WORDS[*]}" == *" --${option}"* ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
`;
}

function flagsOf(options: readonly Option[]): string {
  return options.flatMap(({ name, letter }) => [
    `--${name}`,
    ...(letter === null ? [] : [`-${letter}`]),
  ]).join(" ");
}

/** What to do after an option that needs a value. */
function caseOf({ name, value }: Option): readonly string[] {
  switch (value.kind) {
    case "none":
      return [];
    case "file":
      return [
        `--${name})`,
        "  compopt -o filenames",
        `  mapfile -t COMPREPLY < <(compgen -f -- "$word")`,
        "  return",
        "  ;;",
      ];
    case "choice":
      return [
        `--${name})`,
        `  mapfile -t COMPREPLY < <(compgen -W "${value.choices.join(" ")}" -- "$word")`,
        "  return",
        "  ;;",
      ];
    case "text":
      return [`--${name}) return ;;`];
  }
}
