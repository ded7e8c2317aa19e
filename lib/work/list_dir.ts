import { cannot } from "./failure.ts";
import { findPath, parseRecords, toLines } from "./find.ts";
import { type GuardedPath, guardScript, NO_GUARD, REFUSE_PLANTED } from "./guard.ts";
import { pathWord, scriptForPath } from "./path.ts";
import type { Reply } from "./reply.ts";
import { failedReply, findRunFailure, legacyFailure } from "./run_failure.ts";
import type { Procedure, ScriptRun } from "./script.ts";

/** Longest list of names, with a character more for each. */
export const MAX_LIST_BYTES = 8 * 1024 * 1024;

/** Lists what `ls -1` lists: `list_dir` of the agent, `remote_list_dir` over ssh. */
export function listDirProcedure(path: string, guarded: GuardedPath | null = null): Procedure {
  return {
    source: guarded === null
      ? scriptForPath(path, () => listScript(path))
      : guardedListScript(guarded),
    input: null,
    limits: { headBytes: MAX_LIST_BYTES, tailBytes: 0 },
    wholeOutput: true,
    read: (run) => readList(run, path),
  };
}

/**
 * `ls` says what cannot be listed (without sorting, where it can that). The names come from `find`, since they may hold line feeds; they
 * are sorted as `ls` sorts them, in the host's locale.
 */
function listScript(path: string): string {
  const start = findPath(path);
  return `${guardScript(NO_GUARD)}${REFUSE_PLANTED}
refuse_planted ${pathWord(path)}
ls -f -- ${pathWord(path)} >/dev/null 2>&1 || ls -- ${pathWord(path)} >/dev/null || exit
if [ -d ${start} ]; then
  ${findNames(`${start}/`)}
else
  printf 'file\\0'
fi
`;
}

/** The same from inside the directory, which no longer changes with its path. */
function guardedListScript({ realPath, guard }: GuardedPath): string {
  const word = pathWord(realPath);
  return `${guardScript(guard)}
ls -f -- ${word} >/dev/null 2>&1 || ls -- ${word} >/dev/null || exit
if [ -d ${word} ]; then
  cd -P -- ${word} || exit
  guard "$(env pwd -P)"
  ${findNames("./")}
else
  printf 'file\\0'
fi
`;
}

function findNames(start: string): string {
  return `printf 'directory\\0'
  find ${start} -mindepth 1 -maxdepth 1 ! -name '.*' -print0 | sort -z`;
}

function readList(run: ScriptRun, path: string): Reply {
  const failure = findRunFailure(run);
  if (failure !== null) {
    return failedReply(cannot("list", path, failure), legacyFailure("ls", run));
  }
  const [kind, ...found] = parseRecords(run.output.bytes("stdout"));
  const entries = kind === "directory"
    ? found.map((entry) => entry.slice(entry.lastIndexOf("/") + 1))
    : [path];
  return { text: toLines(entries), failure: null, structured: { entries } };
}
