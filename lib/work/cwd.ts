import { quote } from "../shell/quote.ts";
import { reasonIn } from "./failure.ts";
import { findPathFault, operandWord } from "./path.ts";

/** The step into a command's working directory, and how to see that it failed. */
export interface WorkingDirectory {
  /** Shell text before the command; where it fails, nothing after it runs. */
  readonly enter: string;
  /** What stderr ends with when it failed: a word that no command can know. */
  readonly sign: string;
  /** Why the directory could not be entered, if this output on stderr says so; null: it was. */
  readonly findFailure: (stderr: string) => string | null;
}

/** Enters `cwd`; an empty text stays where the shell starts, the home. A relative one starts there. */
export function workingDirectory(cwd: string): WorkingDirectory {
  const sign = crypto.randomUUID();
  if (cwd === "") return { enter: "", sign, findFailure: () => null };
  return {
    enter: `${step(cwd)} || { printf %s ${sign} >&2; exit 1; }\n`,
    sign,
    findFailure(stderr) {
      if (!stderr.endsWith(sign)) return null;
      const reason = reasonIn(stderr.slice(0, -sign.length));
      return `cannot enter directory ${JSON.stringify(cwd)}: ${reason}; nothing has run`;
    },
  };
}

function step(cwd: string): string {
  const fault = findPathFault(cwd);
  if (fault !== null) return `{ printf %s ${quote(fault)} >&2; false; }`;
  // `cd -` would go to $OLDPWD, and with CDPATH set a relative path may mean another directory.
  return `CDPATH= cd -- ${operandWord(cwd)}`;
}
