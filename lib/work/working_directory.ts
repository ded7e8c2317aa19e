import { quotePath } from "../shell/quote.ts";
import { Failure, reasonIn } from "./failure.ts";

/** The step into a command's working directory, and how to tell that it failed. */
export interface WorkingDirectory {
  /** Shell text before the command; where it fails, nothing after it runs. */
  readonly enter: string;
  /** Throws a `Failure` if this output on stderr says that the directory could not be entered. */
  readonly check: (stderr: string) => void;
}

/** Enters `cwd`; an empty text stays where the agent is. A relative one starts there. */
export function workingDirectory(cwd: string): WorkingDirectory {
  if (cwd === "") return { enter: "", check: () => {} };
  // A word that no command can know, so that none can feign a failure of `cd`.
  const sign = crypto.randomUUID();
  return {
    // `cd -` would go to $OLDPWD, and with CDPATH set a relative path may mean another directory.
    enter: `CDPATH= cd -- ${quotePath(cwd)} || { printf %s ${sign} >&2; exit 1; }\n`,
    check(stderr) {
      if (!stderr.endsWith(sign)) return;
      const reason = reasonIn(stderr.slice(0, -sign.length));
      throw new Failure(
        `cannot enter directory ${JSON.stringify(cwd)}: ${reason}; nothing has run`,
      );
    },
  };
}
