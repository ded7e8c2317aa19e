import { quote } from "../../shell/quote.ts";
import { CLAIM_FUNCTIONS } from "../claims/on_host.ts";
import { findPlace, type JobPlace } from "./place.ts";

/** Exit codes of a body that `inPlaces()` runs: the job is not there, cannot be, or is not just one. */
export const EXIT = { closed: 76, absent: 77, ambiguous: 78 } as const;

/**
 * Bash functions for jobs, beside those for claims. A job is a folder, made by whoever starts it, and
 * named by its id:
 *
 * - `command`, and `name` if it has one;
 * - `out`, to which its output is appended, or `log`: how large the named file was, and its path;
 * - `run`, left by the command's own shell before the command: boot id, start of process 1, process
 *   id, its start, process group, time;
 * - `rc`, left by the runner behind it: exit code, time;
 * - `killed`: signal, time, who asked for that.
 *
 * `job_stat` sets `z` (state of a process), `g` (its group) and `k` (when it started). `job_state`
 * sets `s`, the state of a job, and what its files say. `i` is the start of process 1, by which
 * containers that start again are told apart from those that have not.
 */
export const JOB_FUNCTIONS = `${CLAIM_FUNCTIONS}
job_nap() { sleep "$1" 2>/dev/null || sleep 1; }
job_stat() {
k= z= g= x=
if [ -r "/proc/$$/stat" ]; then
{ read -r -d '' x <"/proc/$1/stat"; } 2>/dev/null
[ -n "$x" ] || return 1
unset IFS
set -- \${x##*) }
z=$1 g=$3 k=\${20}
else
unset IFS
set -- $(LC_ALL=C TZ=UTC0 command ps -o stat= -o pgid= -o lstart= -p "$1" 2>/dev/null)
[ "$#" -gt 2 ] || return 1
z=$1 g=$2
shift 2
k=$(IFS=_; echo "$*")
fi
}
job_clock() {
claim_clock || return 1
job_stat 1
i=\${k:--}
n=$(date +%s)
w=
}
job_make() {
[ -d "$1" ] || x=$(command mkdir -p -m 700 -- "$1" 2>&1) || { why=\${x##*: }; return 1; }
claim_private "$1"
}
job_ended() {
c= end=
{ read -r c end x <"$1/rc"; } 2>/dev/null
[ -n "$c" ] || return 1
s=exited
[ ! -e "$1/killed" ] || s=killed
}
job_runs() {
job_stat "$pid" && [ "$k" = "$start" ] || return 1
case $z in Z*|X*) return 1 ;; esac
}
job_state() {
s= boot= init= pid= start= pgid= since=
{ read -r boot init pid start pgid since x <"$1/run"; } 2>/dev/null
case $pid in *[!0-9]*) pid= ;; esac
job_ended "$1" && return
if [ ! -e "$1/run" ]; then
s=never_started
[ -z "$(find "$1" -prune -mmin -1 2>/dev/null)" ] || s=starting
return
fi
s=rebooted
[ "$boot" = "$b" ] && [ "$init" = "$i" ] || return 0
s=running
[ -n "$pid" ] && job_runs && return
[ -n "$w" ] || { w=1; job_nap 0.2; }
job_ended "$1" || s=lost
}
job_out() {
base=0 o=$1/out
[ -e "$1/log" ] || return 0
{ read -r base && IFS= read -r -d '' o; } <"$1/log" 2>/dev/null
}
job_find() {
e=$j/$1
[ ! -d "$e" ] || return 0
set -- "$e"*/
e=\${1%/}
[ -d "$e" ] || return ${EXIT.absent}
[ "$#" -eq 1 ] || return ${EXIT.ambiguous}
}
job_in() {
if [ ! -d "$j" ]; then
[ ! -e "\${j%/*}" ] || [ -x "\${j%/*}" ] || return ${EXIT.closed}
return ${EXIT.absent}
elif [ -O "$j" ]; then
claim_private "$j" || return ${EXIT.closed}
eval "$job_body"
return
fi
o=$(stat -c %u -- "$j" 2>/dev/null || stat -f %u -- "$j" 2>/dev/null)
g=$(stat -c %g -- "$j" 2>/dev/null || stat -f %g -- "$j" 2>/dev/null)
[ "$EUID" = 0 ] && [ "\${o:-0}" -gt 0 ] && [ "\${g:-0}" -gt 0 ] || return ${EXIT.closed}
set -- env -i "PATH=$PATH" "$BASH" --norc -c 'cd /; j=$1; eval "$2"' bash "$j" "$job_body"
if setpriv --reuid="$o" --regid="$g" --clear-groups true 2>/dev/null; then
setpriv --reuid="$o" --regid="$g" --clear-groups "$@"
elif command -v perl >/dev/null; then
perl -e '($u, $g) = splice @ARGV, 0, 2; $( = $g; $) = "$g $g"; $< = $u; $> = $u;' \\
-e '$< == $u && $> == $u && $( == $g and exec @ARGV; exit ${EXIT.closed}' "$o" "$g" "$@"
else
return ${EXIT.closed}
fi
}
`;

/**
 * Source that runs a body in each folder of jobs, which is `$j` then, until one exits with another
 * code than `EXIT.absent`: as the folder's owner, since root must not follow what another user has
 * left there. Behind it `$closed` is 1 if there is a folder that cannot be entered.
 */
export function inPlaces(places: readonly JobPlace[], body: string): string {
  const whole = `${JOB_FUNCTIONS}job_clock || { printf '%s\\n' "$why" >&2; exit 1; }\n${body}`;
  const visits = places.map((place) =>
    `if ${findPlace(place)}; then
( job_in )
c=$?
case $c in ${EXIT.closed}) closed=1 ;; ${EXIT.absent}) ;; *) exit "$c" ;; esac
fi`
  );
  return `${JOB_FUNCTIONS}
closed=
job_body=${quote(whole)}
${visits.join("\n")}
`;
}

/** Source behind `inPlaces()` that says that there is no such job. */
export const NOT_FOUND = `[ -z "$closed" ] || exit ${EXIT.closed}\nexit ${EXIT.absent}\n`;
