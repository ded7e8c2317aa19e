import { quotePath } from "../shell/quote.ts";

/**
 * A bash script that reads exactly `size` bytes from its standard input and makes them the content
 * of `path`: staged in a private file beside the target, counted, then renamed into place, so that
 * a cut stream leaves nothing. Symbolic links are followed; mode and owner of an existing file are
 * kept; a new file gets the mode that the umask leaves. What is no regular file (a device, a pipe)
 * is written through. Where nothing can be renamed into place (a mount point, a directory that is
 * not ours) an existing file is staged elsewhere and then overwritten.
 */
export function writeScript(path: string, size: number): string {
  return `path=${quotePath(path)}\nsize=${size}\n${WRITE}`;
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
[ -d "$directory" ] || fail 'No such file or directory'

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

head -c "$size" >"$staged" || fail 'Cannot write the temporary file'
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
mv -f "$staged" "$target" 2>/dev/null && exit
[ -e "$target" ] || fail 'Cannot rename into place'
cat "$staged" >"$target" || fail 'Cannot overwrite'
`;
