import { z } from "zod";
import { quote } from "../../shell/quote.ts";
import { type WorkingDirectory, workingDirectory } from "../cwd.ts";
import { cannot, reasonIn } from "../failure.ts";
import { findPathFault, pathWord } from "../path.ts";
import type { Reply } from "../reply.ts";
import { failedReply } from "../run_failure.ts";
import type { Procedure, ScriptRun } from "../script.ts";
import { FieldReader, readNumber } from "./fields.ts";
import { JOB_FUNCTIONS } from "./on_host.ts";
import { enterPlace, type JobPlace, makePlace } from "./place.ts";
import { COMMAND_SHELL, READ_AND_RUN, RUNNER } from "./runner.ts";
import { describeJob, type JobLife, readJobState, spanOf } from "./state.ts";
import { MAX_JOBS } from "./sweep.ts";

/** What is shown of the output of a job that ended at once: its beginning and its end. */
const SHOWN = { head: 64 * 1024, tail: 192 * 1024 } as const;

/** The `name` argument of tools that start jobs. */
export const jobNameArgument = z.string()
  .refine((name) => /^[^\p{Cc}\p{Cs}]{0,64}$/u.test(name), "it is no line of at most 64 characters")
  .describe("Name, for lists");

/** The `wait` argument of tools that start jobs. */
export const jobWaitArgument = z.int().min(0).max(600)
  .describe("Seconds to wait for an early end");

/** A job to start. */
export interface JobStart {
  /** A folder that is used if it is there and the user's own; null: none. */
  readonly preferred: JobPlace | null;
  /** The folder that is used else, and made. */
  readonly place: JobPlace;
  /** The id of its claim. */
  readonly id: string;
  readonly command: string;
  /** Working directory; empty: where the transport starts. */
  readonly cwd: string;
  /** Path of a file for its output, relative to `cwd`; empty: its own. */
  readonly log: string;
  /** Empty: it has none. */
  readonly name: string;
  /** How long to wait for an early end; 0: not. */
  readonly waitSeconds: number;
}

/** Starts a command that outlives its call: `shell_bg` of the agent, `remote_shell_bg` over ssh. */
export function startJobProcedure(job: JobStart): Procedure {
  const directory = workingDirectory(job.cwd);
  const fault = job.log === "" ? null : findPathFault(job.log);
  const sign = crypto.randomUUID();
  return {
    source: fault === null
      ? directory.enter + startScript(job, sign)
      : `printf %s ${quote(`${sign}${cannot("keep a log in", job.log, fault)}`)} >&2\nexit 1\n`,
    input: null,
    limits: { headBytes: SHOWN.head + SHOWN.tail + 16 * 1024, tailBytes: 0 },
    wholeOutput: false,
    read: (run) => readStart(run, { job, directory, sign }),
    readCutOff: (run) => readCutOff(run, { job, directory, sign }),
  };
}

function startScript({ preferred, place, id, ...job }: JobStart, sign: string): string {
  const made = makePlace(place);
  return `${JOB_FUNCTIONS}
fail() { printf %s ${quote(sign)}"$1" >&2; exit 1; }
job_clock || fail "$why"
${preferred === null ? made : `{ ${enterPlace(preferred)}; } || { ${made}; }`} ||
fail "cannot keep a job in \\"$j\\": $why"
set -- "$j"/*/
[ "$#" -lt ${MAX_JOBS} ] || fail 'there are too many jobs that run, or ended lately'
command=${quote(job.command)}
name=${quote(job.name)}
log=${job.log === "" ? "" : pathWord(job.log)}
case $log in ''|/*) ;; *) log=\${PWD%/}/$log ;; esac
id=${quote(id)}
e=$j/$id
again=
command mkdir -m 700 -- "$e" 2>/dev/null || {
${KNOWN}}
[ -n "$again" ] || {
${DETACH}}
w=1
job_state "$e"
job_out "$e"
${SAY_KILLED_AT_LOGOUT}
printf '%s\\0' "$e" "\${pid:-0}" "$o" "$note"
${sayEarlyEnd(job.waitSeconds)}`;
}

/** The same call again does not start it again. But a key may be used for another day's job. */
const KNOWN = `[ -d "$e" ] || fail "cannot keep a job in \\"$j\\": $(command mkdir -- "$e" 2>&1)"
job_state "$e"
case $s in
never_started) ;;
running|starting) again=1 ;;
*) [ "\${since:-$n}" -lt $((n - 86400)) ] || again=1 ;;
esac
[ -n "$again" ] || { rm -rf -- "$e" && command mkdir -m 700 -- "$e" || exit; }
`;

/**
 * The runner leads a session of its own (or a process group, where there is no `setsid`), out of
 * reach of the frame that ends this script's group. It, and the command's shell behind it, read what
 * they run from a pipe, so that neither its length nor a full `/tmp` matters, and `ps` shows little of
 * it. Both let go of the pipe for whose end `$(…)` waits once the command's shell has said that it
 * starts. The log is open before anything runs. An agent that a job has started must not pass that
 * job's id on.
 */
const DETACH = `x=$(umask 077; { printf %s "$command" >"$e/command" && : >"$e/out" &&
{ [ -z "$name" ] || printf %s "$name" >"$e/name"; }; } 2>&1) || {
rm -rf -- "$e"
fail "cannot keep a job in \\"$j\\": \${x##*: }"
}
o=\${log:-$e/out} size=
[ -z "$log" ] || [ ! -f "$o" ] || size=$(wc -c <"$o" 2>/dev/null)
exec 7>>"$o" || { rm -rf -- "$e"; exit 1; }
[ -z "$log" ] || { printf '%s\\n%s' $((size)) "$o" >"$e/log" && rm -f -- "$e/out"; }
r=$(
printf '%s\\n\\0' ${quote(RUNNER)} ${quote(COMMAND_SHELL)} "$command" | {
exec 6<&0 </dev/null
unset -v LMCP_JOB
set -m
command -v setsid >/dev/null && leader=setsid || leader=
$leader "$BASH" --norc -c ${quote(READ_AND_RUN)} lmcp-job "$e" "$id" &
}
)
exec 7>&-
case $r in *"started "[1-9]*) ;; *) rm -rf -- "$e"; exit 1 ;; esac
`;

/** Sets `note` to the user whose processes logind ends at logout; empty: it leaves them alone. */
const SAY_KILLED_AT_LOGOUT = `note=
job_logind() { loginctl "$@" 2>/dev/null; }
job_is_named() { case " $(job_logind show-session -p "$1" | sed 's/^[^=]*=//') " in
*" $note "*) return 0 ;; '  ') return 2 ;; esac; return 1; }
if [ -n "\${XDG_SESSION_ID-}" ] && note=$(id -un); then
case $(job_logind show-session -p KillUserProcesses) in *=yes) ;; *) note= ;; esac
[ -z "$note" ] || ! job_is_named KillExcludeUsers || note=
[ -z "$note" ] || { job_is_named KillOnlyUsers; [ "$?" -ne 1 ] || note=; }
[ -z "$note" ] || case $(job_logind show-user "$note" -p Linger) in *=yes) note= ;; esac
fi`;

/** Waits for an early end, and shows the output then. */
function sayEarlyEnd(waitSeconds: number): string {
  if (waitSeconds === 0) return "";
  return `u=$((SECONDS + ${waitSeconds}))
while [ ! -e "$e/rc" ] && [ "$SECONDS" -lt "$u" ]; do job_nap 0.1; done
w=
job_state "$e"
case $s in running|starting) exit ;; esac
[ -f "$o" ] || exit
size=$(wc -c <"$o")
[ "$size" -ge "$base" ] || base=0
size=$((size - base))
printf '%s\\0' "$s" "$c" "$since" "$end" "$size"
head=${SHOWN.head} tail=${SHOWN.tail}
[ "$size" -gt $((head + tail)) ] || head=$size tail=0
tail -c "+$((base + 1))" <"$o" | head -c "$head"
[ "$tail" -eq 0 ] || tail -c "+$((base + size - tail + 1))" <"$o" | head -c "$tail"
`;
}

/** What is needed to read a start. */
interface Started {
  readonly job: JobStart;
  readonly directory: WorkingDirectory;
  readonly sign: string;
}

function readStart(run: ScriptRun, started: Started): Reply {
  const { job } = started;
  const reader = new FieldReader(run.output.bytes("stdout"));
  const [folder, pid, log, user = ""] = reader.take(4);
  if (folder === undefined || pid === undefined || log === undefined) {
    return failedReply(describeFailure(run, started));
  }
  const id = folder.slice(folder.lastIndexOf("/") + 1);
  const early = readEarlyEnd(reader);
  const state = early === null ? "" : ` ${describeJob(early)}`;
  const lines = [
    `PID ${pid}, log ${log}`,
    ...(job.name === "" && job.waitSeconds === 0 ? [] : [`job ${id}${state}`]),
    ...(user === "" ? [] : [killedAtLogout(user)]),
    ...(early === null ? [] : [early.text]),
  ];
  return {
    text: lines.join("\n"),
    failure: null,
    structured: {
      id,
      pid: Number(pid),
      log,
      ...(early === null ? {} : { state: early.state, exit_code: early.exitCode }),
    },
  };
}

/** A script that ended well has started the job, whatever came of its answer. */
function readCutOff(run: ScriptRun, started: Started): Reply {
  const reply = readStart(run, started);
  if (reply.failure === null || run.exitCode !== 0) return reply;
  const { id } = started.job;
  const text = `job ${id} was started; its process id and log are not known`;
  return { text, failure: null, structured: { id } };
}

interface EarlyEnd extends JobLife {
  readonly text: string;
}

/** Null: it goes on, or nobody waited. */
function readEarlyEnd(reader: FieldReader): EarlyEnd | null {
  const [word = "", code, since, end, size] = reader.take(5);
  const state = readJobState(word);
  if (state === null || size === undefined) return null;
  const missing = Number(size) - reader.rest.length;
  const text = missing > 0
    ? `${decode(reader.rest.subarray(0, SHOWN.head))}\n[${missing} bytes left out]\n${
      decode(reader.rest.subarray(SHOWN.head))
    }`
    : decode(reader.rest);
  return { state, exitCode: readNumber(code), killedBy: null, seconds: spanOf(since, end), text };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function killedAtLogout(user: string): string {
  return `The host ends all processes of ${user} when the last ssh connection ends ` +
    "(KillUserProcesses=yes), this job too, unless its operator runs: loginctl enable-linger " +
    user;
}

function describeFailure(run: ScriptRun, { job, directory, sign }: Started): string {
  const { stderr } = run.output.text();
  const at = stderr.indexOf(sign);
  if (at >= 0) return stderr.slice(at + sign.length);
  const failure = directory.findFailure(stderr);
  if (failure !== null) return failure;
  if (run.ended !== "itself") return NO_REPORT;
  const place = job.log === "" ? "" : ` with log ${JSON.stringify(job.log)}`;
  return `cannot start the command${place}: ${reasonIn(stderr)}`;
}

const NO_REPORT = "cannot tell whether the command was started: it did not report in time";
