/** Defines `facts PATH`, which prints device and inode, and size, of what a path leads to. */
export const FACTS = `
facts() { stat -Lc '%d:%i %s' -- "$1" 2>/dev/null || stat -Lf '%d:%i %z' -- "$1" 2>/dev/null; }
`;

/**
 * Writes a part of the file that is open as descriptor 9, and last on stderr what it is: `lines`
 * (empty: all) from `offset` on, at most `most` bytes and one. Whatever is counted is streamed. With
 * `follow` it waits so many seconds for a whole line there. Each pass needs a file offset of its
 * own: where there is no /proc, the path is opened again.
 */
export const PART = `
export LC_ALL=C
again() {
  if [ -e /proc/self/fd/9 ]; then exec 8</proc/self/fd/9; else exec 8<"$path"; fi || exit
}
measure() {
  set -- $(facts /dev/fd/9 || facts "$path")
  id=$1 size=$2
  [ "$size" -gt 0 ] || { again; size=$(($(wc -c <&8))); }
}
find_place() {
  measure
  skipped=0 begin=0
  if [ "$offset" -lt 0 ]; then
    again
    begin=$((size - $(tail -n "$((-offset))" <&8 2>/dev/null | wc -c)))
    [ "$begin" -gt 0 ] || begin=0
    again
    [ "$begin" -eq 0 ] || skipped=$(($(head -c "$begin" <&8 2>/dev/null | wc -l)))
  elif [ "$offset" -gt 1 ]; then
    again
    set -- $(head -n "$((offset - 1))" <&8 2>/dev/null | wc -lc)
    skipped=$1 begin=$2
  fi
}
rest() { again; tail -c "+$((begin + 1))" <&8 2>/dev/null; }
has_line() { [ "$size" -gt "$begin" ] && [ -z "$(rest | head -n 1 | tail -c 1)" ]; }
wait_for_line() {
  local until=$((SECONDS + follow)) now
  while :; do
    now=$(facts "$path") || now=
    [ "\${now%% *}" = "$id" ] || { changed=replaced; return; }
    measure
    [ "$size" -ge "$begin" ] || { changed=truncated; begin=0 skipped=0; return; }
    ! has_line || return
    [ "$SECONDS" -lt "$until" ] || return
    sleep 0.2 2>/dev/null || sleep 1
  done
}

changed=- whole=- sum=-
again
mark=$(head -c 2 <&8 | od -An -tx1 | tr -d ' \\n')
case $mark in fffe|feff)
  measure
  whole=whole skipped=0 begin=0 lines=
esac
if [ "$whole" = - ]; then
  find_place
  # The last line was not at its end yet when it was shown.
  if [ "$follow" -gt 0 ] && [ "$offset" -gt 1 ] && [ "$skipped" -eq "$((offset - 2))" ] &&
    again && [ -n "$(tail -c 1 <&8)" ]; then
    offset=$((offset - 1))
    find_place
  fi
  if [ "$follow" -gt 0 ]; then
    if [ "$offset" -gt 1 ] && [ "$skipped" -lt "$((offset - 1))" ]; then
      changed=truncated skipped=0
    else
      wait_for_line
    fi
  fi
fi
[ "$changed" != truncated ] || lines=1 most=-1
if [ "$most" -ge 0 ]; then
  if [ -n "$lines" ]; then rest | head -n "$lines" 2>/dev/null; else rest; fi |
    head -c "$((most + 1))"
fi
if [ "$size" -le ${32 * 1024 * 1024} ]; then
  again
  sum=$(digest <&8)
fi
printf 'part %s %s %s %s %s\\n' "$skipped" "$size" "\${sum:--}" "$changed" "$whole" >&2
`;
