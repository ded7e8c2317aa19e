import { z } from "zod";
import { cannot } from "../failure.ts";
import { parseRecords, toLines } from "../find.ts";
import type { GuardedPath } from "../guard.ts";
import { MAX_LIST_BYTES } from "../list_dir.ts";
import type { Reply } from "../reply.ts";
import { failedReply, findRunFailure } from "../run_failure.ts";
import type { Procedure, ScriptRun } from "../script.ts";
import { enteringScript } from "./enter.ts";

/** How a directory is listed, beside its path. */
export const listArguments = {
  long: z.boolean().describe("Mode, owner, size, time").optional(),
  all: z.boolean().describe("Hidden names, too").optional(),
  limit: z.int().min(1).max(1_000_000).describe("Most names").optional(),
};

/** How a caller wants a directory to be listed. */
export type ListWishes = z.output<z.ZodObject<typeof listArguments>>;

/** Whether more is asked for than the names that are not hidden. */
export function hasListWishes({ long, all, limit }: ListWishes): boolean {
  return long !== undefined || all !== undefined || limit !== undefined;
}

/** Lists names, hidden ones too, with what `ls -l` shows of each. */
export function listAsWishedProcedure(
  path: string,
  wishes: ListWishes,
  guarded: GuardedPath | null = null,
): Procedure {
  return {
    source: enteringScript(path, guarded, listScript(wishes)),
    input: null,
    limits: { headBytes: MAX_LIST_BYTES, tailBytes: 0 },
    wholeOutput: true,
    read: (run) => readList(run, path, wishes),
  };
}

/**
 * Writes three lists with an empty record behind the first two: the kind of thing, the names in the
 * order of `ls`, and the details, each with its name. GNU `find` knows them at once; else `stat`
 * looks at one name after the other.
 */
function listScript({ long = false, all = false, limit = 1_000_000 }: ListWishes): string {
  const hidden = all ? "" : "! -name '.*'";
  const details = `
names() { find . -mindepth 1 -maxdepth 1 ${hidden} -print0; }
if [ -n "$name" ]; then
  names() { printf '%s\\0' "$from"; }
  which=("$from" -maxdepth 0)
else
  which=(. -mindepth 1 -maxdepth 1 ${hidden})
fi
names | sort -z
printf '\\0'
`;
  return `
if [ -n "$name" ]; then printf 'file\\0'; else printf 'directory\\0'; [ -r . ] || ls . >/dev/null || exit; fi
${details}
[ ${long ? "yes" : "no"} = yes ] || exit 0
if find . -maxdepth 0 -printf '' 2>/dev/null; then
  find "\${which[@]}" -printf '%f/%M/%m/%u/%g/%s/%T@/%l\\0'
  exit 0
fi
names | sort -z | {
  left=${limit}
  while [ "$left" -gt 0 ] && IFS= read -r -d '' file; do
    left=$((left - 1))
    known=$(stat -c '%A/%a/%U/%G/%s/%Y' -- "$file" 2>/dev/null ||
      stat -f '%Sp/%Lp/%Su/%Sg/%z/%m' -- "$file") || continue
    target=
    [ ! -L "$file" ] || target=$(readlink "$file")
    printf '%s/%s/%s\\0' "\${file##*/}" "$known" "$target"
  done
}
exit 0
`;
}

/** What is known of a name, as structured answers have it. */
interface Details {
  readonly name: string;
  readonly type: string;
  /** In octal digits. */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  readonly bytes: number;
  /** RFC 3339, in UTC. */
  readonly modified: string;
  /** Where a link leads; null: it is none. */
  readonly target: string | null;
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ["-", "file"],
  ["d", "directory"],
  ["l", "link"],
  ["p", "pipe"],
  ["s", "socket"],
  ["b", "device"],
  ["c", "device"],
]);

function readList(run: ScriptRun, path: string, { long, limit = Infinity }: ListWishes): Reply {
  const failure = findRunFailure(run);
  if (failure !== null) return failedReply(cannot("list", path, failure));
  const [kind, ...records] = parseRecords(run.output.bytes("stdout"));
  const end = records.indexOf("");
  const names = records.slice(0, end).map((name) => name.slice(name.lastIndexOf("/") + 1));
  const shown = names.slice(0, limit);
  const entries = kind === "file" ? [path] : shown;
  const left = names.length - shown.length;
  const note = left === 0 ? "" : `[${left} more: raise limit]\n`;
  const truncated = left > 0;
  if (!long) {
    return { text: toLines(entries) + note, failure: null, structured: { entries, truncated } };
  }
  const known = Map.groupBy(records.slice(end + 1).flatMap(parseDetails), ({ name }) => name);
  const details = shown.flatMap((name) => known.get(name)?.shift() ?? [])
    .map((details) => kind === "file" ? { ...details, name: path } : details);
  return {
    text: toLines(
      details.map(({ line, name, target }) =>
        `${line} ${name}${target === null ? "" : ` -> ${target}`}`
      ),
    ) + note,
    failure: null,
    structured: { entries, details: details.map(({ line: _, ...others }) => others), truncated },
  };
}

/** None where a record is none of ours. A link's target may hold slashes. */
function parseDetails(record: string): (Details & { readonly line: string })[] {
  const [name, kind, mode, owner, group, size, seconds, ...target] = record.split("/");
  if (name === undefined || kind === undefined || seconds === undefined) return [];
  const isLink = kind.startsWith("l");
  const modified = toTime(Number(seconds));
  return [{
    name,
    type: TYPES.get(kind.charAt(0)) ?? "other",
    mode: mode ?? "",
    owner: owner ?? "",
    group: group ?? "",
    bytes: Number(size),
    modified,
    target: isLink ? target.join("/") : null,
    line: [kind, owner, group, size, modified].join(" "),
  }];
}

/** In whole seconds; a time that no calendar has is empty. */
function toTime(seconds: number): string {
  const date = new Date(Math.floor(seconds) * 1_000);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().replace(".000Z", "Z");
}
