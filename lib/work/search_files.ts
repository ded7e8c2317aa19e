import { quote } from "../shell/quote.ts";
import { cannot } from "./failure.ts";
import { findPath, parseRecords, toLines } from "./find.ts";
import { scriptForPath } from "./path.ts";
import type { Reply } from "./reply.ts";
import { failedReply, findRunFailure, legacyFailure } from "./run_failure.ts";
import type { Procedure, ScriptRun } from "./script.ts";

const MAX_MATCHES = 200;
/** Longest list of paths. */
export const MAX_MATCH_BYTES = 1024 * 1024;

/** What to look for, and where. */
export interface Search {
  readonly path: string;
  /** Default: `path`. */
  readonly realPath?: string;
  /** As `find -name` takes it. */
  readonly pattern: string;
}

/** Finds paths by name: `search_files` of the agent, `remote_search_files` over ssh. */
export function searchFilesProcedure({ path, realPath = path, pattern }: Search): Procedure {
  return {
    source: scriptForPath(realPath, () => searchScript(realPath, pattern)),
    input: null,
    limits: { headBytes: MAX_MATCH_BYTES, tailBytes: 0 },
    wholeOutput: true,
    read: (run) => readMatches(run, path),
  };
}

/**
 * The first `find` says why if there is nothing to start from. The second one ends, of a broken
 * pipe, soon after one match more than is given.
 */
function searchScript(path: string, pattern: string): string {
  const start = findPath(path);
  return `
find ${start} -prune >/dev/null || exit
find ${start} -name ${quote(pattern)} -print0 2>/dev/null | {
  n=0
  while [ $n -le ${MAX_MATCHES} ] && IFS= read -r -d '' match; do
    printf '%s\\0' "$match"
    n=$((n + 1))
  done
}
exit 0
`;
}

function readMatches(run: ScriptRun, path: string): Reply {
  const found = parseRecords(run.output.bytes("stdout"));
  const isPart = run.ended === "output_full" || run.ended === "timeout" && found.length > 0;
  const failure = isPart ? null : findRunFailure(run);
  if (failure !== null) {
    return failedReply(cannot("search", path, failure), legacyFailure("find", run));
  }
  const matches = found.slice(0, MAX_MATCHES);
  const note = run.ended === "timeout" ? "[timed out]" : "";
  return {
    text: toLines(matches) + note,
    failure: null,
    structured: { matches, truncated: isPart || found.length > MAX_MATCHES },
  };
}
