/** How long a job that has ended is kept, and how many jobs are. */
const KEPT_MINUTES = 7 * 24 * 60;
const KEPT_JOBS = 1_000;
/** With so many in one folder no further one is started. */
export const MAX_JOBS = 2_000;

/**
 * Bash functions that remove jobs from the folder `$j`: those that ended a week ago, and of very many
 * the oldest. What runs is kept, and what has no job's name. A folder is as old as its last file,
 * which is `rc`.
 */
export const JOB_SWEEP = `job_remove() {
[[ $1 =~ ^k?[0-9a-f]{32}(-[0-9]+)?$ ]] || return
job_state "$1"
case $s in running|starting) ;; *) rm -rf -- "$1" ;; esac
}
job_sweep() {
cd -P -- "$j" || return
w=1
find . -path './[0-9a-fk]*' -prune -type d -mmin +${KEPT_MINUTES} | while read -r f; do job_remove "\${f#./}"; done
set -- [0-9a-fk]*
[ "$#" -gt ${KEPT_JOBS} ] || return
command ls -t | tail -n +$((${KEPT_JOBS} + 1)) | while read -r f; do job_remove "$f"; done
}
`;
