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
import { pathWord, scriptForPath } from "./path.ts";
import { FILE_FAULTS } from "./read_file.ts";
import type { Reply } from "./reply.ts";
import { failedReply, findRunFailure, legacyFailure } from "./run_failure.ts";
import type { Procedure } from "./script.ts";

/** What the script may say: an error message. */
const LIMITS = { headBytes: 64 * 1024, tailBytes: 0 };
/** Why a content that was read before is not replaced. */
export const CHANGED = "it changed meanwhile; read it again";

/** A file's path and its whole new content. */
export interface NewContent {
  readonly path: string;
  /** Where the path leads; absent: the script follows it. */
  readonly guarded?: GuardedPath;
  readonly content: Uint8Array;
  /** SHA-256, in hexadecimal digits, of what must be there before; null, or absent: anything. */
  readonly replaces?: string | null;
}

/** Writes a file whole: `remote_write_file` over ssh, and the agent where a script must. */
export function writeFileProcedure(
  { path, guarded, content, replaces = null }: NewContent,
): Procedure {
  const settings = `size=${content.length}\nreplaces=${replaces ?? ""}\n`;
  return {
    source: guarded === undefined
      ? scriptForPath(path, () => settings + followLinks(path, NO_GUARD) + WRITE)
      : settings + followLinks(guarded.realPath, guarded.guard) + ENTER + WRITE,
    input: content,
    limits: LIMITS,
    wholeOutput: false,
    read: (run) => {
      const failure = findRunFailure(run);
      if (failure === null) return writtenReply(path, content.length);
      return failedReply(cannot("write", path, failure), legacyFailure("write", run));
    },
  };
}

/** The reply that a file was written. */
export function writtenReply(path: string, bytes: number): Reply {
  const text = `Written ${bytes} bytes to ${path}`;
  return { text, failure: null, structured: { bytes }, legacy: { answer: `${text} (via ssh)` } };
}

const FUNCTIONS = `
set -o pipefail
fail() { printf 'bash: line 1: %s: %s\\n' "$path" "$1" >&2; exit 1; }
whole() { [ "$1" -eq "$size" ] || fail 'The content did not arrive whole'; }
unchanged() {
  [ -n "$replaces" ] || return 0
  local sum
  sum=$(sha256sum <"$target" 2>/dev/null || shasum -a 256 <"$target")
  [ "\${sum%% *}" = "$replaces" ] || fail ${quote(CHANGED)}
}
`;

/** Finds the target of links, also of a last one that leads nowhere yet. */
function followLinks(path: string, guard: Guard): string {
  return `${FUNCTIONS}${guardScript(guard)}${REFUSE_PLANTED}
path=${pathWord(path)}
[ -n "$path" ] || fail 'No such file or directory'
refuse_planted "$path"
case $path in -*) target=./$path ;; *) target=$path ;; esac
links=0
while [ -L "$target" ]; do
  links=$((links + 1))
  [ "$links" -le 40 ] || fail 'Too many levels of symbolic links'
  link=$(readlink "$target") || fail 'Cannot read the symbolic link'
  case $link in
    /*) target=$link ;;
    *) case $target in
      */*) target=\${target%/*}/$link ;;
      *) target=./$link ;;
    esac ;;
  esac
done
is_limited=${guard.within === null ? "no" : "yes"}
`;
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
  [ -w "$target" ] || fail 'Permission denied'
  if [ ! -f "$target" ]; then
    [ "$is_limited" = no ] || refuse ${quote(FILE_FAULTS.special)}
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

staged=
trap 'rm -f "$staged"' EXIT
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
  cat "$staged" >"$target" || fail 'Cannot overwrite'
  exit
fi
if [ -e "$target" ]; then
  owner=$(stat -c %u:%g "$target" 2>/dev/null || stat -f %u:%g "$target")
  mode=$(stat -c %a "$target" 2>/dev/null || stat -f %Lp "$target")
  [ "$owner" = "$(stat -c %u:%g "$staged" 2>/dev/null || stat -f %u:%g "$staged")" ] ||
    chown "$owner" "$staged" 2>/dev/null || true
else
  mode=$(printf '%o' $((0666 & ~0$(umask))))
fi
chmod "$mode" "$staged" || fail 'Cannot set the mode'
unchanged
no_link=
if [ "$is_limited" = yes ]; then
  case $OSTYPE in darwin*|*bsd*) no_link=h ;; *) no_link=T ;; esac
fi
said=$(mv -f$no_link "$staged" "$target" 2>&1) && exit
[ "$is_limited" = no ] && [ -e "$target" ] || fail "\${said##*: }"
cat "$staged" >"$target" || fail 'Cannot overwrite'
`;
