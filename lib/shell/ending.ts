/**
 * Bash functions for the shell that waits for a job `$j`, a process group. `$t` counts how often the
 * watcher has rung for its end. They start no process before the job has ended, but for `nap`.
 *
 * - `press` presses for the end a little more with each ring: TERM, KILL; false: it is of no use;
 * - `remains` says whether something of the job is still there, whosever it is. A zombie is not;
 *   what nobody reaps, as in a container without an init, stays one for good.
 */
export const ENDING_FUNCTIONS = `idle() { u=$((SECONDS + $1)); while ((SECONDS < u)); do :; done; }
nap() { sleep "$1" || sleep 1 || idle 1; }
press() {
[ "$t" -gt 0 ] || return 0
s=\${s:-$SECONDS}
[ "$t" -le 30 ] && [ $((SECONDS - s)) -lt 4 ] || return 1
if [ "$t" -gt 20 ] || [ $((SECONDS - s)) -ge 2 ]; then kill -KILL -- "-$j"
elif [ -z "$k" ]; then k=TERM; kill -TERM -- "-$j"; fi
return 0
}
remains() {
x=$(LC_ALL=C; kill -0 -- "-$j" 2>&1) || case $x in *ermitted*) return 0 ;; *) return 1 ;; esac
[ -r "/proc/$$/stat" ] || return 0
unset IFS
for f in /proc/[0-9]*/stat; do
x=
read -r -d '' x <"$f"
set -- \${x##*) }
[ "$3" != "$j" ] || case $1 in Z|X) ;; *) return 0 ;; esac
done
return 1
}
t=0 n=0 s= k= r=`;

/**
 * Waits for the job: `$c` is its exit code then, and `$r` is `!` if it was to be ended and something
 * of it remains. `wait` also returns when the watcher has rung, and when the job has only stopped.
 */
export const AWAIT_JOB = `while wait "$j"; c=$?; [ "$c" -gt 128 ] && kill -0 "$j"; do
[ "$t" -ne "$n" ] || nap 0.2
n=$t
press || break
done
if kill -0 "$j"; then [ "$t" -gt 0 ] || exit 1; c=137
elif [ "$c" -gt 128 ]; then wait "$j"; d=$?; [ "$d" -eq 127 ] || c=$d; fi
if [ "$t" -gt 0 ]; then
while kill -0 -- "-$j" && press; do nap 0.05; done
kill -KILL -- "-$j"
if remains; then r=!; fi
fi`;

/**
 * What the watcher does when the job `$j` is to end: it rings at the shell `$m` that waits for it. If
 * that one was killed before the job had ended, or does not listen, it ends the job itself.
 */
export const RING = `u=$((SECONDS + 4))
while ((SECONDS < u)) && kill -USR2 "$m"; do nap 0.05; done
kill -0 "$j" || exit
kill -TERM -- "-$j"
nap 1
kill -KILL -- "-$j"`;
