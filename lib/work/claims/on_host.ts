import { quote } from "../../shell/quote.ts";

/** Where a host keeps its claims: an agent's folder, or the ssh user's own, made if need be. */
export type ClaimPlace =
  | {
    readonly kind: "agent";
    readonly directory: string;
    readonly id: string;
    /** Of the host when the agent was last heard; null: that does not matter. */
    readonly boot: string | null;
  }
  /** The same, by the agent itself, which makes it. */
  | { readonly kind: "made"; readonly directory: string }
  | { readonly kind: "own" };

/**
 * Bash functions for a folder of claims; each leaves in `$why` why it failed. They use the variables
 * `n` (id of the folder), `b` (boot id), `u` (seconds since the start), `age` (how far back the claims reach, in seconds),
 * `k` (when a process started) and `z` (its state). A claim is the folder that only one can make.
 *
 * In it stand `run` (boot id, process id, its start, digest), and in the end `result` (the answer),
 * or `rc` (a script's exit code), or `fenced`; `asked` is as old as the last question. Beside the claims
 * `.since-BOOT` holds how long the host had been up when the folder was first used: what was claimed
 * before may be lost. `.clock-BOOT` holds when the host started, by its clock then. `.id` says which
 * folder it is. What a file that bash reads first may have set must not get in the way.
 */
export const CLAIM_FUNCTIONS = `unset IFS
shopt -u failglob
set +Cefu
claim_clock() {
{ read -r u x </proc/uptime && read -r b </proc/sys/kernel/random/boot_id; } 2>/dev/null || {
b=$(sysctl -n kern.bootsessionuuid) && u=$(sysctl -n kern.boottime) && u=\${u#*sec = } &&
u=$(($(date +%s) - \${u%%,*}))
} 2>/dev/null
u=\${u%%.*}
[ -n "$b" ] && [ -n "$u" ] || { why='the host does not say when it started'; return 1; }
}
claim_private() {
why='only its user must be able to enter it'
[ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || return 1
case $(LC_ALL=C command ls -ld -- "$1" 2>/dev/null) in drwx------*) return 0 ;; esac
return 1
}
claim_folder() {
claim_clock || return 1
[ "$2" = given ] || [ -d "$1" ] || x=$(command mkdir -p -m 700 -- "$1" 2>&1) ||
{ why=\${x##*: }; return 1; }
claim_private "$1" || return 1
n=
{ read -r n <"$1/.id"; } 2>/dev/null
if [ "$2" = given ] && [ "$n" != "$3" ]; then
why="it is not the agent's folder"
return 1
fi
why='it cannot be written to'
if [ -z "$n" ]; then
n=$$-$RANDOM$RANDOM$RANDOM$RANDOM
{ printf '%s\\n' "$n" >"$1/.id"; } 2>/dev/null || return 1
fi
age=
{ read -r age <"$1/.since-$b"; } 2>/dev/null
if [ -z "$age" ] || [ "$age" -gt "$u" ]; then
why='its agent has not run since the host started'
[ "$2" != given ] || return 1
why='it cannot be written to'
{ printf '%s\\n' "$(($(date +%s) - u))" >"$1/.clock-$b" && printf '%s\\n' "$u" >"$1/.since-$b"
} 2>/dev/null || return 1
age=$u
fi
age=$((u - age))
}
claim_process() {
k= z= x=
if [ -r "/proc/$$/stat" ]; then
{ read -r -d '' x <"/proc/$1/stat"; } 2>/dev/null
[ -n "$x" ] || return 1
unset IFS
set -- \${x##*) }
z=$1 k=\${20}
else
unset IFS
set -- $(LC_ALL=C TZ=UTC0 command ps -o stat= -o lstart= -p "$1" 2>/dev/null)
[ "$#" -gt 1 ] || return 1
z=$1
shift
k=$(IFS=_; echo "$*")
fi
}
claim_make() {
x=$(command mkdir -m 700 -- "$1" 2>&1) && return 0
[ ! -e "$1" ] && [ ! -L "$1" ] || { why=; return 1; }
why=\${x##*: }
return 1
}
claim_own() {
case \${XDG_STATE_HOME-} in /*) d=$XDG_STATE_HOME/lmcp ;; *) d=\${HOME:+$HOME/.local/state/lmcp} ;; esac
why='its user has no home'
[ -n "$d" ]
}
`;

/** Source that sets `d` to the folder of claims, opens it, and fails with `$why`. */
export function openPlace(place: ClaimPlace): string {
  switch (place.kind) {
    case "agent":
      return `d=${quote(place.directory)} && claim_folder "$d" given ${quote(place.id)}`;
    case "made":
      return `d=${quote(place.directory)} && claim_folder "$d" make`;
    case "own":
      return `claim_own && claim_folder "$d" make`;
  }
}
