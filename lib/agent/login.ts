import type { Spawn } from "../base/process.ts";
import { OutputCapture } from "../shell/output.ts";
import { Failure } from "../work/failure.ts";
import { parseRecords } from "../work/find.ts";
import { type BashOptions, createBash, type RunBash } from "./bash.ts";

/** What a login as the agent's user would start with. */
export interface Login {
  /** The bash that was found. */
  readonly program: string;
  /** Absolute path of the home directory; `/` where it is not known. */
  readonly home: string;
  /** Id of the user; null: not known. */
  readonly uid: number | null;
  /** Variables that a login sets. */
  readonly env: Readonly<Record<string, string>>;
  /** Why this is not what a login would start with; null: it is. */
  readonly fault: string | null;
}

/** What there is to start with where nothing is known. */
export const NO_LOGIN: Login = { program: "bash", home: "/", uid: null, env: {}, fault: null };

const FIND_MS = 10_000;
const LIMITS = { headBytes: 64 * 1024, tailBytes: 0 };
/** Enough to find bash and `id` on any system. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Where bash may be, in order. */
const BASHES = [
  { program: "bash", env: {}, isPathKept: true },
  { program: "/bin/bash", env: { PATH }, isPathKept: false },
] as const;

/**
 * Asks bash who its user is: it reads the system's user database, also where that is no file.
 * `HOME`, `SHELL`, `USER` and `LOGNAME` are the database's, as after a login, whatever a service was
 * started with. `PATH` is kept, unless it leads to no bash.
 */
export async function findLogin(
  spawn: Spawn,
  childEnv: Readonly<Record<string, string>>,
): Promise<Login> {
  let fault = "";
  for (const { program, env, isPathKept } of BASHES) {
    try {
      const options = { spawn, program, home: "/", childEnv: { ...childEnv, ...env } };
      return parseLogin(program, await ask(options), { isPathKept });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      fault ||= error.message;
    }
  }
  return { ...NO_LOGIN, fault };
}

/** A bash for the agent's own work, wherever one is, without waiting for who its user is. */
export function createOwnBash(spawn: Spawn, childEnv: Readonly<Record<string, string>>): RunBash {
  return async function runOwnBash(script) {
    let failure = new Failure("there is no bash");
    for (const { program, env } of BASHES) {
      try {
        return await createBash({ spawn, program, home: "/", childEnv: { ...childEnv, ...env } })(
          script,
        );
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        failure = error;
      }
    }
    throw failure;
  };
}

async function ask(options: BashOptions): Promise<readonly string[]> {
  const output = new OutputCapture(LIMITS);
  const result = await createBash(options)({
    script: QUESTION,
    output,
    runWithinMs: FIND_MS,
    signal: new AbortController().signal,
  });
  if (result.kind !== "ran" || result.ended !== "itself" || result.exitCode !== 0) {
    throw new Failure("bash does not say who its user is");
  }
  return parseRecords(output.bytes("stdout"));
}

function parseLogin(
  program: string,
  [uid = "", user = "", given = "", home = "", shell = "", path = ""]: readonly string[],
  { isPathKept }: { readonly isPathKept: boolean },
): Login {
  const isKnown = user !== "";
  const own = isKnown ? { HOME: home, SHELL: shell, USER: user, LOGNAME: user } : {};
  return {
    program,
    home: absolute(isKnown ? home : given),
    uid: Number(uid),
    env: isPathKept ? own : { ...own, PATH: path },
    fault: isKnown ? null : `user ${uid} is not in the user database`,
  };
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : "/";
}

/**
 * Prints user id, name, given `HOME`, the database's home and shell, and a login's `PATH`, which
 * login.defs(5) may set. A bash without `HOME` and `SHELL` takes them from the database.
 */
const QUESTION = `
user=$(id -un 2>/dev/null) || user=
printf '%s\\0' "$EUID" "$user" "\${HOME-}"
unset HOME SHELL
"$BASH" --norc -c 'printf "%s\\0" ~ "$SHELL"'

if [ "$EUID" = 0 ]; then
  name=ENV_SUPATH path=${PATH}
else
  name=ENV_PATH path=/usr/local/bin:/usr/bin:/bin
fi
while read -r key value; do
  if [ "$key" = "$name" ]; then path=\${value#PATH=}; fi
done 2>/dev/null </etc/login.defs
printf '%s\\0' "$path"
`;
