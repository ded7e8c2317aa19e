import { quote } from "../shell/quote.ts";
import { cannot } from "./failure.ts";
import {
  type Guard,
  GUARD_FAULTS,
  type GuardedPath,
  guardScript,
  NO_GUARD,
  REFUSE_PLANTED,
  REFUSE_UNREADABLE,
} from "./guard.ts";
import { DIGEST } from "./files/digest.ts";
import { followTarget } from "./files/follow_links.ts";
import { LOCK } from "./files/lock.ts";
import { sha256 } from "./files/text.ts";
import { pathWord, scriptForPath } from "./path.ts";
import { FILE_FAULTS } from "./read_file.ts";
import type { Reply } from "./reply.ts";
import { failedReply, findRunFailure, legacyFailure } from "./run_failure.ts";
import type { Procedure, ScriptRun } from "./script.ts";

/** What the script may say: an error message. */
const LIMITS = { headBytes: 64 * 1024, tailBytes: 0 };
/** Why a content that was read before is not replaced. */
const CHANGED_TO = "It changed meanwhile and has now";
const GONE = "It changed meanwhile and is not there any more";
/** What must be there where there must be no file. */
export const NO_FILE = "none";

/** A file's path and its whole new content. */
export interface NewContent {
  readonly path: string;
  /** Where the path leads; absent: the script follows it. */
  readonly guarded?: GuardedPath;
  readonly content: Uint8Array;
  /**
   * SHA-256, in hexadecimal digits, of what must be there before, or `none` for no file; null, or
   * absent: anything.
   */
  readonly replaces?: string | null;
  /** The file's mode, in octal digits; null, or absent: as it was, or as the umask says. */
  readonly mode?: string | null;
  /** Whether the text of the answer has the SHA-256 of the new content. */
  readonly showsHash?: boolean;
}

/** Writes a file whole: `remote_write_file` over ssh, and the agent where a script must. */
export function writeFileProcedure(
  { path, guarded, content, replaces = null, mode = null, showsHash = false }: NewContent,
): Procedure {
  const settings = `size=${content.length}\nreplaces=${replaces ?? ""}\nwanted=${mode ?? ""}\n`;
  return {
    source: guarded === undefined
      ? scriptForPath(path, () => settings + followLinks(path, NO_GUARD) + WRITE)
      : settings + followLinks(guarded.realPath, guarded.guard) + ENTER + WRITE,
    input: content,
    limits: LIMITS,
    wholeOutput: false,
    read: (run) => {
      const failure = findRunFailure(run);
      if (failure === null) {
        return writtenReply(path, { content, otherNames: readOtherNames(run), showsHash });
      }
      return failedReply(cannot("write", path, failure), legacyFailure("write", run));
    },
  };
}

/** What was written. */
export interface Written extends Pick<NewContent, "content" | "showsHash"> {
  /** Hard links that the file had beside its path, which keep what was there. */
  readonly otherNames: number;
}

/** The reply that a file was written. */
export function writtenReply(
  path: string,
  { content, otherNames, showsHash = false }: Written,
): Reply {
  const bytes = content.length;
  const hash = sha256([content]);
  const text = `Written ${bytes} bytes to ${path}`;
  const more = [
    ...(showsHash ? [`sha256 ${hash}`] : []),
    ...(otherNames > 0 ? [`[${otherNames} hard link(s) to it keep the old content]`] : []),
  ].map((line) => `\n${line}`).join("");
  return {
    text: text + more,
    failure: null,
    structured: { bytes, sha256: hash, ...(otherNames > 0 && { hard_links: otherNames }) },
    legacy: { answer: `${text} (via ssh)${more}` },
  };
}

function readOtherNames({ output }: ScriptRun): number {
  return Number(/^names (\d+)$/m.exec(output.text().stdout)?.[1] ?? 1) - 1;
}

/**
 * Where a content is compared and replaced, others that do so in the same folder wait. Programs that do
 * not know of that lock may still come in between.
 */
const FUNCTIONS = `${DIGEST}${LOCK}
set -o pipefail
fail() { printf 'bash: line 1: %s: %s\\n' "$path" "$1" >&2; exit 1; }
whole() { [ "$1" -eq "$size" ] || fail 'The content did not arrive whole'; }
unchanged() {
  [ -n "$replaces" ] || return 0
  lock_folder
  local sum
  if [ ! -e "$target" ]; then
    [ "$replaces" = ${NO_FILE} ] || fail ${quote(GONE)}
    return 0
  fi
  sum=$(digest <"$target")
  [ "$sum" != "$replaces" ] || return 0
  [ "$replaces" != ${NO_FILE} ] ||
    fail "It is there already, with $(($(wc -c <"$target"))) bytes, sha256 $sum"
  [ -n "$sum" ] || fail 'The host has nothing to make a SHA-256 with'
  fail "${CHANGED_TO} $(($(wc -c <"$target"))) bytes, sha256 $sum"
}
# Of the content that was there before, if what is written in its place fails.
overwrite() {
  local old
  old=$(mktemp) && cat "$target" >"$old" || fail 'Cannot keep the old content meanwhile'
  if cat "$staged" >"$target"; then rm -f "$old"; return; fi
  cat "$old" >"$target" && rm -f "$old"
  fail 'Cannot overwrite'
}
`;

const FOLLOW_TARGET = followTarget((words) =>
  `fail ${quote(words.charAt(0).toUpperCase() + words.slice(1))}`
);

/** Finds the target of links, also of a last one that leads nowhere yet. */
function followLinks(path: string, guard: Guard): string {
  return `${FUNCTIONS}${guardScript(guard)}${REFUSE_PLANTED}
path=${pathWord(path)}
[ -n "$path" ] || fail 'No such file or directory'
refuse_planted "$path"
case $path in -*) target=./$path ;; *) target=$path ;; esac
is_limited=${guard.within === null ? "no" : "yes"}
${FOLLOW_TARGET}`;
}

/** Enters the folder of the target, which from there on does not change with its path. */
const ENTER = `${REFUSE_UNREADABLE}
folder=\${target%/*}
target=./\${target##*/}
cd -P -- "\${folder:-/}" || exit
at=$(env pwd -P)
at=\${at%/}/\${target#./}
guard "$at"
guard_file "$target"
refuse_unreadable "$at"
[ ! -L "$target" ] || refuse ${quote(GUARD_FAULTS.moved)}
`;

/**
 * Reads exactly `size` bytes from standard input and makes them the content of `target`: staged in a
 * private file beside it, counted, then renamed into place, so that a cut stream leaves nothing.
 * Mode and owner of an existing file are kept; a new file gets the mode that the umask leaves. What
 * is no regular file (a device, a pipe) is written through. Where nothing can be renamed into place
 * (a mount point, a directory that is not ours) an existing file is staged elsewhere and then
 * overwritten. Both open the target by its name, which may become a link; where there is a limit, neither is done.
 */
const WRITE = `
[ ! -d "$target" ] || fail 'Is a directory'
if [ -e "$target" ]; then
  # The system says why: it may be that nobody may write there.
  [ -w "$target" ] || said=$({ : >>"$target"; } 2>&1) || fail "\${said##*: }"
  if [ ! -f "$target" ]; then
    [ "$is_limited" = no ] && [ -z "$replaces$wanted" ] || refuse ${quote(FILE_FAULTS.special)}
    count=$(head -c "$size" | tee -- "$target" | wc -c) || fail 'Cannot write'
    whole "$count"
    exit
  fi
fi
case $target in
  */*) directory=\${target%/*}/ ;;
  *) directory=./ ;;
esac
[ -d "$directory" ] || {
  [ ! -e "\${directory%/}" ] || fail 'Not a directory'
  fail 'No such file or directory'
}
[ -z "$replaces" ] || case $(cd -P -- "$directory" && env pwd -P)/ in
  /proc/*|/sys/*|/dev/*) refuse ${quote(FILE_FAULTS.special)} ;;
esac

staged=
trap 'rm -f "$staged"; unlock_folder' EXIT
trap 'exit 1' HUP INT TERM
if said=$(mktemp "$directory.lmcp-XXXXXXXXXX" 2>&1); then
  staged=$said
  beside=yes
elif [ -e "$target" ] && [ "$is_limited" = no ]; then
  beside=no
  staged=$(mktemp) || fail 'Cannot make a temporary file'
else
  fail "\${said##*: }"
fi

said=$(head -c "$size" 2>&1 >"$staged") || fail "\${said##*: }"
whole "$(wc -c <"$staged")"

if [ "$beside" = no ]; then
  unchanged
  overwrite
  [ -z "$wanted" ] || chmod "$wanted" "$target" || fail 'Cannot set the mode'
  exit
fi
if [ -e "$target" ]; then
  owner=$(stat -c %u:%g "$target" 2>/dev/null || stat -f %u:%g "$target")
  mode=$(stat -c %a "$target" 2>/dev/null || stat -f %Lp "$target")
  [ "$owner" = "$(stat -c %u:%g "$staged" 2>/dev/null || stat -f %u:%g "$staged")" ] ||
    chown "$owner" "$staged" 2>/dev/null ||
    mode=$(printf '%o' "$((0$mode & 0777))")
  names=$(stat -c %h "$target" 2>/dev/null || stat -f %l "$target")
else
  mode=$(printf '%o' $((0666 & ~0$(umask))))
fi
chmod "\${wanted:-$mode}" "$staged" || fail 'Cannot set the mode'
unchanged
no_link=
if [ "$is_limited" = yes ]; then
  case $OSTYPE in darwin*|*bsd*) no_link=h ;; *) no_link=T ;; esac
fi
if said=$(mv -f$no_link "$staged" "$target" 2>&1); then
  trap '' PIPE
  printf 'names %s\n' "\${names:-1}" 2>/dev/null
  exit 0
fi
[ "$is_limited" = no ] && [ -e "$target" ] || fail "\${said##*: }"
overwrite
[ -z "$wanted" ] || chmod "$wanted" "$target" || fail 'Cannot set the mode'
`;
