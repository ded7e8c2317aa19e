import { z } from "zod";
import { foreignText } from "../../base/text/foreign_text.ts";
import { quote } from "../../shell/quote.ts";
import type { Reply } from "../reply.ts";
import { failedReply, STILL_RUNNING } from "../run_failure.ts";
import type { Procedure, ScriptRun } from "../script.ts";
import { FieldReader, readNumber } from "./fields.ts";
import { findJobFailure } from "./find.ts";
import { jobIdSchema, shortJobId } from "./id.ts";
import { inPlaces, NOT_FOUND } from "./on_host.ts";
import type { JobPlace } from "./place.ts";
import { describeJob, goesOn, type JobLife, readJobState, spanOf } from "./state.ts";

/** Time that a job has to end by itself, in seconds, before it is killed. */
const GRACE_SECONDS = 5;
/** How long such a script may take. */
export const KILL_MS = 20_000;

/** The signals that a caller may name. */
export const SIGNALS = [
  "TERM",
  "KILL",
  "INT",
  "HUP",
  "QUIT",
  "USR1",
  "USR2",
  "STOP",
  "CONT",
] as const;

/** The `signal` argument of tools that end jobs. */
export const signalArgument = z.string().transform((name, context) => {
  const signal = SIGNALS.find((known) => known === name);
  if (signal !== undefined) return signal;
  context.addIssue(`it is none of ${SIGNALS.join(", ")}`);
  return z.NEVER;
}).describe("Signal (default TERM, KILL after 5 s)");

/** A job that is to end, or to get a signal. */
export interface JobKill {
  readonly places: readonly JobPlace[];
  /** Its id, or how it begins. */
  readonly id: string;
  /** Sent alone; null: TERM, and KILL where that does not help within five seconds. */
  readonly signal: (typeof SIGNALS)[number] | null;
  /** Who wants it. */
  readonly by: string;
}

/** What `job_kill` answers. */
export const killedJobSchema = z.object({
  id: jobIdSchema,
  state: z.string().describe("Its state afterwards"),
  exit_code: z.int().nullable(),
  signalled: z.boolean().describe("Whether there was anything to send a signal to"),
  remains: z.boolean().describe("Whether something of it is still there"),
});

/** Sends a job a signal, or ends it: `job_kill` of the agent, `remote_kill` over ssh. */
export function killJobProcedure(kill: JobKill): Procedure {
  return {
    source: `${inPlaces(kill.places, killScript(kill))}${NOT_FOUND}`,
    input: null,
    limits: { headBytes: 4_096, tailBytes: 0 },
    wholeOutput: false,
    read: (run) => readKill(run, kill),
  };
}

/**
 * `job_send SIGNAL` signals the job's group, if its leader was found to be the process that was started
 * (`$ours`), and whatever else has the job's id in its environment. A group whose leader is gone since
 * is still the same, unless another process has its number.
 */
const KILL_FUNCTIONS = `job_carriers() {
if [ -r "/proc/$$/environ" ]; then
for f in $(command grep -lzxF -e "LMCP_JOB=\${e##*/}" /proc/[0-9]*/environ 2>/dev/null); do
f=\${f#/proc/}
echo "\${f%/environ}"
done
else
LC_ALL=C command ps -A -E -ww -o pid= -o command= 2>/dev/null | while read -r f x; do
case " $x " in *" LMCP_JOB=\${e##*/} "*) echo "$f" ;; esac
done
fi
}
job_has_group() {
[ -n "$ours" ] || return 1
job_stat "$pid" || { kill -0 -- "-$pid" 2>/dev/null; return; }
[ "$k" = "$start" ]
}
job_members() {
if [ -r "/proc/$$/stat" ]; then
for f in /proc/[0-9]*/stat; do
x=
{ read -r -d '' x <"$f"; } 2>/dev/null
set -- \${x##*) }
[ "$3" != "$pid" ] || case $1 in Z*|X*) ;; *) return 0 ;; esac
done
return 1
fi
LC_ALL=C command ps -A -o pgid= -o stat= | while read -r f x; do
[ "$f" != "$pid" ] || case $x in Z*) ;; *) exit 9 ;; esac
done
[ "$?" -eq 9 ]
}
job_others() {
for p in $(job_carriers); do
job_stat "$p" || continue
case $z in Z*|X*) continue ;; esac
[ "$p" != "$$" ] || continue
[ "$g" = "$pid" ] && job_has_group || echo "$p"
done
}
job_remains() {
{ job_has_group && job_members; } || [ -n "$(job_others)" ]
}
job_send() {
o=$(job_others)
! job_has_group || kill -"$1" -- "-$pid" 2>/dev/null
for p in $o; do kill -"$1" "$p" 2>/dev/null; done
}
`;

function killScript({ id, signal, by }: JobKill): string {
  const send = signal === null || signal === "KILL"
    ? endScript(signal, by)
    : `job_send ${signal}\njob_nap 0.2\n`;
  return `${KILL_FUNCTIONS}
job_find ${id} || exit
job_state "$e"
was=$s ours= sent= rest= who=
[ "$boot" = "$b" ] && [ "$init" = "$i" ] || pid=
[ -z "$pid" ] || [ "$pid" != "$pgid" ] || ! job_stat "$pid" || [ "$k" != "$start" ] || ours=1
if [ -n "$pid" ] && job_remains; then
sent=1
${send}u=$((SECONDS + 2))
while [ "$was" = running ] && [ ! -e "$e/rc" ] && [ "$SECONDS" -lt "$u" ] && ! job_runs; do
job_nap 0.1
done
! job_remains || rest=1
fi
job_state "$e"
{ read -r x x who <"$e/killed"; } 2>/dev/null
printf '%s\\0' "\${e##*/}" "$was" "$s" "$c" "$since" "\${end:-$n}" "$who" "$sent" "$rest"
exit 0`;
}

/** What is forked while the rest is killed is only found the next time. */
function endScript(signal: "KILL" | null, by: string): string {
  const gently = `job_send TERM
job_send CONT
u=$((SECONDS + ${GRACE_SECONDS + 1}))
while job_remains && [ "$SECONDS" -lt "$u" ]; do job_nap 0.1; done
`;
  return `if [ "$was" = running ]; then
x=${quote(by)}
{ printf '%s\\n' "${signal ?? "TERM"} $n $x" >"$e/killed.new" &&
mv -f -- "$e/killed.new" "$e/killed"; } 2>/dev/null
fi
${signal === null ? gently : ""}t=0
while job_remains && [ "$((t++))" -lt 20 ]; do
job_send KILL
job_nap 0.05
done
`;
}

function readKill(run: ScriptRun, { id, signal }: JobKill): Reply {
  const failure = findJobFailure(run, id);
  if (failure !== null) return failedReply(failure);
  const fields = new FieldReader(run.output.bytes("stdout")).take(9);
  const [whole = id, was = "", state = "", code, since, end, who = "", sent, rest] = fields;
  const life: JobLife = {
    state: readJobState(state) ?? "lost",
    exitCode: readNumber(code),
    killedBy: who === "" ? null : foreignText(who),
    seconds: spanOf(since, end),
  };
  const known: Killed = {
    life,
    hadEnded: was !== "running",
    isSignalled: sent === "1",
    remains: rest === "1",
  };
  const text = `job ${shortJobId(whole)}: ${describeKill(known, signal)}`;
  if (known.remains && isMeantToEnd(signal)) return failedReply(text);
  const structured: z.output<typeof killedJobSchema> = {
    id: whole,
    state: life.state,
    exit_code: life.exitCode,
    signalled: known.isSignalled,
    remains: known.remains,
  };
  return { text, failure: null, structured };
}

interface Killed {
  readonly life: JobLife;
  readonly hadEnded: boolean;
  readonly isSignalled: boolean;
  readonly remains: boolean;
}

function isMeantToEnd(signal: JobKill["signal"]): boolean {
  return signal === null || signal === "KILL";
}

function describeKill(
  { life, hadEnded, isSignalled, remains }: Killed,
  signal: JobKill["signal"],
): string {
  const state = describeJob(life);
  if (!isSignalled) {
    return goesOn(life) ? `${state}: try again in a moment` : `it had ended before: ${state}`;
  }
  if (!isMeantToEnd(signal)) return `${signal} was sent; ${state}`;
  if (remains) return `${state}; something of it ${STILL_RUNNING}`;
  return hadEnded ? `it had ended before (${state}), what it had left running was killed` : state;
}
