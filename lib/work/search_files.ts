import { basename, dirname, resolve } from "node:path";
import { quote } from "../shell/quote.ts";
import { cannot } from "./failure.ts";
import { type GuardedPath, guardScript, NO_GUARD, REFUSE_PLANTED } from "./guard.ts";
import { findPath, parseRecords, toLines } from "./find.ts";
import { pathWord, scriptForPath } from "./path.ts";
import type { Reply } from "./reply.ts";
import { failedReply, findRunFailure, legacyFailure } from "./run_failure.ts";
import type { Procedure, ScriptRun } from "./script.ts";

/** Paths that a search returns unless more are asked for. */
export const MAX_MATCHES = 200;
/** Longest list of paths. */
export const MAX_MATCH_BYTES = 1024 * 1024;

/** What to look for, and where. */
export interface Search {
  readonly path: string;
  /** Where the path leads; null, or absent: `find` follows it. */
  readonly guarded?: GuardedPath | null;
  /** As `find -name` takes it. */
  readonly pattern: string;
  /** How many paths are returned; absent: `MAX_MATCHES`. */
  readonly max?: number;
  /** Names of folders that are left out, as `find -name` takes them. */
  readonly skip?: readonly string[];
}

/** Finds paths by name: `search_files` of the agent, `remote_search_files` over ssh. */
export function searchFilesProcedure(search: Search): Procedure {
  const { path, guarded = null, max = MAX_MATCHES } = search;
  return {
    source: guarded === null
      ? scriptForPath(path, () => searchScript(path, search))
      : guardedSearchScript(guarded, search),
    input: null,
    limits: { headBytes: MAX_MATCH_BYTES, tailBytes: 0 },
    wholeOutput: true,
    read: (run) => readMatches(run, { path, guarded, max }),
  };
}

/**
 * The first `find` says why if there is nothing to start from. The second one ends, of a broken
 * pipe, soon after one match more than is given.
 */
function searchScript(path: string, search: Search): string {
  const start = findPath(path);
  return `${guardScript(NO_GUARD)}${REFUSE_PLANTED}
refuse_planted ${pathWord(path)}
find ${start} -prune >/dev/null || exit
${findMatches(start, search)}`;
}

/** The same from inside the folder above, which no longer changes with its path. */
function guardedSearchScript({ realPath, guard }: GuardedPath, search: Search): string {
  const name = basename(realPath);
  return `${guardScript(guard)}
find ${findPath(realPath)} -prune >/dev/null || exit
cd -P -- ${pathWord(dirname(realPath))} || exit
at=$(env pwd -P)
guard "\${at%/}"/${quote(name)}
${findMatches(quote(`./${name}`), search)}`;
}

function findMatches(
  start: string,
  { pattern, max = MAX_MATCHES, skip = [] }: Search,
): string {
  const skipped = skip.map((name) => `-type d -name ${quote(name)} -prune -o `).join("");
  return `find ${start} ${skipped}-name ${quote(pattern)} -print0 2>/dev/null | {
  n=0
  while [ $n -le ${max} ] && IFS= read -r -d '' match; do
    printf '%s\\0' "$match"
    n=$((n + 1))
  done
}
exit 0
`;
}

/** Where the path was resolved before, matches are relative to the folder above it. */
function readMatches(
  run: ScriptRun,
  { path, guarded, max }: Pick<Search, "path"> & {
    readonly guarded: GuardedPath | null;
    readonly max: number;
  },
): Reply {
  const records = parseRecords(run.output.bytes("stdout"));
  const found = guarded === null
    ? records
    : records.map((match) => resolve(dirname(guarded.realPath), match));
  const isPart = run.ended === "output_full" || run.ended === "timeout" && found.length > 0;
  const failure = isPart ? null : findRunFailure(run);
  if (failure !== null) {
    return failedReply(cannot("search", path, failure), legacyFailure("find", run));
  }
  const matches = found.slice(0, max);
  const note = run.ended === "timeout" ? "[timed out]" : "";
  return {
    text: toLines(matches) + note,
    failure: null,
    structured: { matches, truncated: isPart || found.length > max },
  };
}
