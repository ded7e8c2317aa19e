import { quote } from "../../shell/quote.ts";
import type { Guard } from "../guard.ts";

/**
 * Where the archive of a folder is kept while it is copied: in a folder of its user's own, where there
 * is room for large files.
 */
export function archiveOf(id: string): string {
  return `
refuse() { printf '%s\\n' "$1" >&2; exit 1; }
copies=\${TMPDIR:-/var/tmp}
[ -d "$copies" ] || copies=/tmp
copies=$copies/lmcp-copies-$EUID
archive=$copies/${id}.tar
own_copies() { [ -d "$copies" ] && [ ! -L "$copies" ] && [ -O "$copies" ]; }
`;
}

/** Opens the archive as descriptor 9. */
export function openArchive(): string {
  return `
own_copies && { exec 9<"$archive"; } 2>/dev/null || refuse 'its archive is gone; copy it again'
`;
}

/** Removes the archive. */
export const DROP_ARCHIVE = `
own_copies && rm -f -- "$archive"
exit 0
`;

/**
 * Makes the archive of the folder `path`, with its files, folders, and links that stay inside, by names that
 * begin with `./`. The one that is there is used again if nothing in the folder is newer. Where
 * something changes while it is read, none is made.
 */
export function packScript(guard: Guard): string {
  return `
[ -d "$path" ] || refuse 'it is no folder'
cd -P -- "$path" || exit 1
at=$(env pwd -P)
guard "$at"
at=\${at%/}
umask 077
mkdir "$copies" 2>/dev/null
own_copies || refuse "there is no folder of its own for archives on the host: $copies"
find "$copies" -type f -mtime +1 -exec rm -f {} + 2>/dev/null
list=$archive.list new=$archive.new
trap 'rm -f "$list" "$new"' EXIT
trap 'exit 1' HUP INT TERM
${keptFunction(guard)}
${LINK_FUNCTION}
said=$(find . -mindepth 1 -print0 2>&1 >"$list") || refuse "\${said##*: }"
: >"$new" && sleep 0.05
links=0 specials=0 kept=0
while IFS= read -r -d '' name; do
  if is_kept "$at/\${name#./}"; then kept=$((kept + 1)); continue; fi
  if [ -L "$name" ]; then stays "$name" || { links=$((links + 1)); continue; }
  elif [ ! -d "$name" ] && [ ! -f "$name" ]; then specials=$((specials + 1)); continue; fi
  printf '%s\\0' "$name"
done <"$list" >"$list.kept"
mv -f "$list.kept" "$list"
newer=new
[ ! -f "$archive" ] || newer=$(find . \\( -newer "$archive" -o -cnewer "$archive" \\) 2>&1)
if [ -n "$newer" ]; then
  case $(tar --version 2>/dev/null) in
    *GNU*) format='--format=gnu --hard-dereference' ;;
    *) format='--format=gnutar' ;;
  esac
  touch -r "$new" "$list.time" 2>/dev/null
  said=$(LC_ALL=C tar $format --null --no-recursion -cf "$new" -T "$list" 2>&1) || {
    case $said in *changed*|*removed*|*shrank*|*annot\\ stat*) refuse 'it changed while it was read; copy it again' ;; esac
    said=\${said%%$'\\n'*}
    refuse "\${said##*: }"
  }
  touch -r "$list.time" "$new"
  rm -f "$list.time"
  mv -f "$new" "$archive" || exit 1
fi
stamp=$(stamp_of "$archive")
printf 'folder %s %s\\n' "$(mode_of .)" "\${stamp#* }"
[ "$links$specials$kept" = 000 ] ||
  printf 'left out %s links that lead out of it, %s devices, pipes or sockets, %s files that are kept\\n' \\
    "$links" "$specials" "$kept"
`;
}

/** `is_kept PATH`: the guard's paths, what is below them, and its own files under other names. */
function keptFunction({ own, denied }: Guard): string {
  const names = [...own, ...denied].map(quote);
  if (names.length === 0) return "is_kept() { return 1; }";
  const files = [...names, ...own.map((path) => `${quote(path)}/*`)];
  const patterns = names.map((name) => `${name}|${name}/*`);
  return `
is_kept() {
  local name
  case $1 in ${patterns.join("|")}) return 0 ;; esac
  [ -f "$1" ] && [ ! -L "$1" ] || return 1
  for name in ${files.join(" ")}; do
    [ ! -f "$name" ] || [ ! "$1" -ef "$name" ] || return 0
  done
  return 1
}`;
}

/**
 * `stays LINK`: it leads nowhere but into the folder, which is where its name begins. It may climb at its beginning
 * only: behind a name, `..` may be of another folder.
 */
const LINK_FUNCTION = `
stays() {
  local link rest up=\${1#./}
  link=$(readlink -- "$1" && printf x) || return 1
  link=\${link%x}
  link=\${link%$'\\n'}
  case $link in /*) return 1 ;; esac
  rest=$link/
  while :; do
    case $rest in
      ./*) rest=\${rest#./} ;;
      /*) rest=\${rest#/} ;;
      ../*)
        case $up in */*) up=\${up#*/} ;; *) return 1 ;; esac
        rest=\${rest#../} ;;
      *) break ;;
    esac
  done
  case /$rest in */../*) return 1 ;; esac
}`;
