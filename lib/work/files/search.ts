import { z } from "zod";
import { CUT_MARK } from "../../base/text/redact.ts";
import { quote } from "../../shell/quote.ts";
import { wordArgument } from "../arguments.ts";
import { cannot } from "../failure.ts";
import { parseRecords } from "../find.ts";
import { type GuardedPath, REFUSE_UNREADABLE } from "../guard.ts";
import type { Reply } from "../reply.ts";
import { failedReply, findRunFailure } from "../run_failure.ts";
import { refuseProcedure } from "./refuse.ts";
import type { Procedure, ScriptRun } from "../script.ts";
import { MAX_MATCH_BYTES, MAX_MATCHES, searchFilesProcedure } from "../search_files.ts";
import { enteringScript } from "./enter.ts";

/** Longest part of a line that is shown, in characters, and what the host sends of it, in bytes. */
const [MAX_LINE, MAX_LINE_BYTES] = [300, 1_200];

const MAX_SKIPPED = 50;

/** What to search for beside names, and how much. */
export const searchArguments = {
  pattern: wordArgument("Name or pattern: *.log").optional(),
  content: wordArgument("Regular expression").optional(),
  max: z.int().min(1).max(5_000).describe("Default 200").optional(),
  skip: z.array(z.string().refine((name) => !name.includes("\0"), "it holds a NUL character"))
    .refine((names) => names.length <= MAX_SKIPPED, `they are more than ${MAX_SKIPPED}`)
    .describe("Folders left out").optional(),
};

/** What a caller searches for. */
export type SearchWishes = z.output<z.ZodObject<typeof searchArguments>>;

/** Whether more is asked for than the first paths with a name. */
export function hasSearchWishes({ pattern, content, max, skip }: SearchWishes): boolean {
  return pattern === undefined || content !== undefined || max !== undefined || skip !== undefined;
}

/** Where a path leads, for those who search names, and for those who read. */
export interface SearchPlaces {
  readonly names: GuardedPath | null;
  readonly contents: GuardedPath | null;
}

const UNLIMITED: SearchPlaces = { names: null, contents: null };

/** Finds paths by name, or lines by what is in them. */
export function searchProcedure(
  path: string,
  { pattern, content, max = MAX_MATCHES, skip = [] }: SearchWishes,
  places = UNLIMITED,
): Procedure {
  if (content === undefined) {
    if (pattern === undefined) return refuseProcedure("search", path, "give pattern or content");
    return searchFilesProcedure({ path, guarded: places.names, pattern, max, skip });
  }
  return {
    source: enteringScript(
      path,
      places.contents,
      searchScript({ pattern: pattern ?? "*", content, max, skip }),
    ),
    input: null,
    limits: { headBytes: MAX_MATCH_BYTES, tailBytes: 0 },
    wholeOutput: true,
    read: (run) => readLines(run, path, max),
  };
}

interface LineSearch {
  readonly pattern: string;
  readonly content: string;
  readonly max: number;
  readonly skip: readonly string[];
}

/**
 * First the files are found that hold a match, in the fastest way there is; then each of them is
 * opened, checked, and searched for the lines. Files of the kernel are left out: some never end.
 */
function searchScript({ pattern, content, max, skip }: LineSearch): string {
  const skipped = skip.map((name) => ` -o -name ${quote(name)}`).join("");
  return `${REFUSE_UNREADABLE}
[ "$is_kernel" = no ] || special
[ -z "$name" ] || { [ -f "$from" ] || special; guard_file "$from"; }
export LC_ALL=C.UTF-8
content=${quote(content)}
if command -v rg >/dev/null 2>&1; then
  # It searches several files at once, and lists them in the order in which it is done.
  files() { rg --no-config --no-messages -E none -l -0 -e "$content" -- "$@" | sort -z; }
  lines() { rg --no-config -E none -n --no-heading --color never -m "$1" -e "$content" -; }
elif printf x | grep -E -I -l --null -e x >/dev/null 2>&1; then
  files() { grep -E -I -s -l --null -e "$content" -- "$@"; }
  lines() { grep -E -I -n -m "$1" -e "$content"; }
else
  # As on busybox.
  files() {
    local file
    for file; do grep -E -s -q -e "$content" -- "$file" && printf '%s\\0' "$file"; done
  }
  lines() { grep -E -n -m "$1" -e "$content"; }
fi
said=$(echo | lines 1 2>&1 >/dev/null)
[ -z "$said" ] || refuse "\${said##*: }"
show() {
  [ ! -L "$1" ] && [ -f "$1" ] && exec 9<"$1" || exit
  open=$(readlink /proc/self/fd/9 2>/dev/null) || open=\${at%/}/\${1#./}
  guard "$open"
  guard_file /dev/fd/9
  refuse_unreadable "$open"
  lines "$2" <&9 | cut -b 1-${MAX_LINE_BYTES}
}
if [ -n "$name" ]; then printf 'file\\0'; else printf 'folder\\0'; fi
prune=(-name '')
[ "$at" != / ] || prune=(-path ./proc -o -path ./sys -o -path ./dev)
find "$from" \\( -type d \\( "\${prune[@]}"${skipped} \\) -prune \\) -o -type f -name ${
    quote(pattern)
  } -print0 2>/dev/null | {
  batch=()
  flush() { [ "\${#batch[@]}" -eq 0 ] || files "\${batch[@]}"; batch=(); }
  while IFS= read -r -d '' file; do
    batch+=("$file")
    [ "\${#batch[@]}" -lt 200 ] || flush
  done
  flush
} 2>/dev/null | {
  left=${max + 1}
  while [ "$left" -gt 0 ] && IFS= read -r -d '' file; do
    found=$(show "$file" "$left" 2>/dev/null) && [ -n "$found" ] || continue
    printf '%s\\0%s\\0' "\${file#./}" "$found"
    left=$((left - $(printf '%s\\n' "$found" | wc -l)))
  done
}
exit 0
`;
}

/** A line that matches. */
interface MatchingLine {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

function readLines(run: ScriptRun, path: string, max: number): Reply {
  const found = [...linesIn(parseRecords(run.output.bytes("stdout")), path)];
  const isPart = run.ended === "output_full" || run.ended === "timeout" && found.length > 0;
  const failure = isPart ? null : findRunFailure(run);
  if (failure !== null) return failedReply(cannot("search", path, failure));
  const lines = found.slice(0, max);
  const truncated = isPart || found.length > max;
  const notes = [
    ...(found.length > max ? [`[there are more than ${max}: narrow it, or raise max]`] : []),
    ...(run.ended === "timeout" ? ["[timed out]"] : []),
  ];
  return {
    text: [...lines.map(({ path, line, text }) => `${path}:${line}: ${text}`), ...notes]
      .map((line) => `${line}\n`).join(""),
    failure: null,
    structured: { lines: lines.map((line) => ({ ...line })), truncated },
  };
}

function* linesIn(
  [kind, ...records]: readonly string[],
  start: string,
): Generator<MatchingLine> {
  const folder = start.endsWith("/") ? start : `${start}/`;
  for (let at = 0; at + 1 < records.length; at += 2) {
    const [file = "", found = ""] = records.slice(at, at + 2);
    const path = kind === "file" ? start : `${folder}${file}`;
    for (const line of found.split("\n")) {
      const [, number, text = ""] = /^(\d+):(.*)$/s.exec(line) ?? [];
      if (number !== undefined) yield { path, line: Number(number), text: cutLine(text) };
    }
  }
}

function cutLine(text: string): string {
  const line = text.replace(/\r$/, "");
  return line.length <= MAX_LINE ? line : `${line.slice(0, MAX_LINE).toWellFormed()}${CUT_MARK}`;
}
