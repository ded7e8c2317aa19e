import { quote } from "../../shell/quote.ts";

const LOCKED = "Another program has locked its folder";

/**
 * Defines `lock_folder`, for scripts that compare a file and then replace it: they wait for each other
 * per folder, ten seconds at most, and then `fail`. With `flock` the lock ends with its process. Where
 * there is none, it is a link beside the file that names its process, made in one step, removed by
 * `unlock_folder`, and taken over once that process is gone or a minute has passed. Needs `directory`,
 * which ends in a slash.
 */
export const LOCK = `
lock=
lock_folder() {
  local tries=0 code owner
  if command -v flock >/dev/null 2>&1; then
    { exec 7<"$directory."; } 2>/dev/null || return 0
    until flock -x -n 7 2>/dev/null; do
      code=$?
      [ "$code" -eq 1 ] || return 0
      await_lock
    done
    return 0
  fi
  until ln -s "$$" "$directory.lmcp-lock" 2>/dev/null; do
    owner=$(readlink "$directory.lmcp-lock") || { [ -w "$directory" ] && await_lock && continue; return 0; }
    if ! ps -p "$owner" >/dev/null 2>&1 ||
      [ -n "$(find "$directory.lmcp-lock" -maxdepth 0 -mmin +1 2>/dev/null)" ]; then
      rm -f "$directory.lmcp-lock"
    fi
    await_lock
  done
  lock=$directory.lmcp-lock
}
await_lock() {
  tries=$((tries + 1))
  [ "$tries" -le 200 ] || fail ${quote(LOCKED)}
  sleep 0.05 2>/dev/null || { sleep 1; tries=$((tries + 19)); }
}
unlock_folder() { [ -z "$lock" ] || rm -f "$lock"; }
`;
