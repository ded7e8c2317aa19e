import { cannot } from "./failure.ts";
import { pathWord, scriptForPath } from "./path.ts";
import type { Reply } from "./reply.ts";
import { failedReply, findRunFailure, legacyFailure } from "./run_failure.ts";
import type { Procedure } from "./script.ts";

/** What the script may say: an error message. */
const LIMITS = { headBytes: 64 * 1024, tailBytes: 0 };

/** A file's path and its whole new content. */
export interface NewContent {
  readonly path: string;
  /** Default: `path`. */
  readonly realPath?: string;
  readonly content: Uint8Array;
}

/** Writes a file whole: `remote_write_file` over ssh, and the agent where Deno may not. */
export function writeFileProcedure({ path, realPath = path, content }: NewContent): Procedure {
  return {
    source: scriptForPath(realPath, () => writeScript(realPath, content.length)),
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

/**
 * A bash script that reads exactly `size` bytes from its standard input and makes them the content
 * of `path`: staged in a private file beside the target, counted, then renamed into place, so that
 * a cut stream leaves nothing. Symbolic links are followed; mode and owner of an existing file are
 * kept; a new file gets the mode that the umask leaves. What is no regular file (a device, a pipe)
 * is written through. Where nothing can be renamed into place (a mount point, a directory that is
 * not ours) an existing file is staged elsewhere and then overwritten.
 */
function writeScript(path: string, size: number): string {
  return `path=${pathWord(path)}\nsize=${size}\n${WRITE}`;
}

const WRITE = `
set -o pipefail
fail() { printf '%s: %s\\n' "$path" "$1" >&2; exit 1; }
whole() { [ "$1" -eq "$size" ] || fail 'The content did not arrive whole'; }
[ -n "$path" ] || fail 'No such file or directory'

target=$path
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

[ ! -d "$target" ] || fail 'Is a directory'
if [ -e "$target" ]; then
  [ -w "$target" ] || fail 'Permission denied'
  if [ ! -f "$target" ]; then
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
if staged=$(mktemp "$directory.lmcp-XXXXXXXXXX" 2>/dev/null); then
  beside=yes
elif [ -e "$target" ]; then
  beside=no
  staged=$(mktemp) || fail 'Cannot make a temporary file'
else
  fail 'Permission denied'
fi

said=$(head -c "$size" 2>&1 >"$staged") || fail "\${said##*: }"
whole "$(wc -c <"$staged")"

if [ "$beside" = no ]; then
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
said=$(mv -f "$staged" "$target" 2>&1) && exit
[ -e "$target" ] || fail "\${said##*: }"
cat "$staged" >"$target" || fail 'Cannot overwrite'
`;
