import { quote } from "../../shell/quote.ts";
import { JOB_FUNCTIONS } from "./on_host.ts";
import { JOB_SWEEP } from "./sweep.ts";

/** Source of a shell that reads what it is to run from descriptor 6, up to a NUL character. */
export const READ_AND_RUN = `TMOUT= read -r -d "" <&6 && eval "$REPLY"`;

/**
 * Source of the shell that waits for a job's end, with the job's folder and id as arguments. It is
 * outside of the job's process group, and has no `LMCP_JOB`, so that whoever kills the job does not
 * kill what says how it ended. Room for that is taken at the start, since the job may fill the disk.
 */
export const RUNNER = `trap '' HUP
set -m
LMCP_JOB=$2 "$BASH" --norc -c ${quote(READ_AND_RUN)} bash "$1" &
p=$!
set +m
exec </dev/null >/dev/null 2>&1 6<&- 7>&-
printf '%-63s\\n' '' >"$1/rc.new"
cd /
${JOB_FUNCTIONS}${JOB_SWEEP}
( j=\${1%/*}; job_clock && job_sweep )
wait "$p"
c=$?
printf '%-63s\\n' "$c $(date +%s)" 1<>"$1/rc.new" && mv -f -- "$1/rc.new" "$1/rc"
`;

/**
 * Source of the job's own shell, with the job's folder as argument: it reads the command whole, leaves
 * who it is, and becomes the command, which finds of all this no more than `LMCP_JOB`.
 */
export const COMMAND_SHELL = `TMOUT= read -r -d "" <&6 || exit
(
${JOB_FUNCTIONS}
umask 077
why='it cannot be looked up'
job_clock && job_stat "$$" && [ "$g" = "$$" ] &&
x=$({ printf '%s\\n' "$b $i $$ $k $g $n" >"$1/run.new" && mv -f -- "$1/run.new" "$1/run"; } 2>&1) ||
{ printf 'bash: job: %s\\n' "\${x:-$why}" >&2; exit 1; }
) || exit
echo "started $$"
set --
exec >&7 2>&1 6<&- 7>&-
eval "unset -v REPLY; \${REPLY%?}"
`;
