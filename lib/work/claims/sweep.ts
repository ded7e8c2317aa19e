import { quote } from "../../shell/quote.ts";
import type { Script, ScriptRun } from "../script.ts";
import { CLAIM_FUNCTIONS } from "./on_host.ts";

/** Claims in one folder, and what they hold in all: with more, nothing is claimed. */
export const MAX_CLAIMS = 16_384;
const MAX_KIB = 256 * 1024;
/** How long a claim is kept. */
const KEPT_MINUTES = 24 * 60;
/** How long those without a key are kept at least, however many there are. */
export const KEPT_AT_LEAST_MINUTES = 15;
/** A clock that differs by more from what it was has been set. */
const CLOCK_SET_SECONDS = 30;
/** A folder that is so full is swept of them. */
const CROWDED = 3 / 4;

/** How full a folder of claims is. */
export interface Fill {
  readonly claims: number;
  readonly isFull: boolean;
}

/** What the agent that sweeps a folder is doing. */
export interface Sweeper {
  /** Its process id. */
  readonly pid: number;
  /** Claims of calls that it runs, which are kept. */
  readonly held: readonly string[];
}

/** A script that removes old claims from a folder, and says how many there are then. */
export function sweepScript(directory: string, { pid, held }: Sweeper): Script {
  const keep = held.length === 0 ? "" : `touch -c -- ${held.join(" ")}\n`;
  return {
    source: `${CLAIM_FUNCTIONS}
cd -P -- ${quote(directory)} || exit
agent=${pid}
${keep}${SWEEP}
count
echo "$n $size"
`,
    input: null,
    limits: { headBytes: 4_096, tailBytes: 0 },
    wholeOutput: false,
  };
}

/**
 * Sweeps the working directory, a folder of claims, with `CLAIM_FUNCTIONS`. What jobs beside them hold
 * does not count, and what has no claim's name is left alone.
 *
 * Whoever looks for a claim relies on how long it is kept. So the first sweep after the clock was set
 * makes all claims new; what runs is kept, but for what the process `$agent` has left behind; and
 * nothing is swept where the time since the host's start is not known.
 */
export const SWEEP = `claims='./[0-9a-fk]*'
old() {
find . -path "$claims" -prune -type d "$@" -print | while read -r e; do
[[ $e =~ ^\\./k?[0-9a-f]{32}(-[0-9]+)?$ ]] && printf '%s\\n' "$e"
done
}
runs() {
[ ! -e "$1/result" ] && [ ! -e "$1/rc" ] && [ ! -e "$1/fenced" ] || return 1
{ read -r boot pid start x <"$1/run"; } 2>/dev/null && [ "$boot" = "$b" ] && [ "$pid" != "$agent" ] &&
claim_process "$pid" && [ "$k" = "$start" ] || return 1
case $z in Z*|X*) return 1 ;; esac
}
sweep() { old "$@" | while read -r e; do runs "$e" || printf '%s\\n' "$e"; done | xargs rm -rf --; }
count() {
set -- $claims
n=$#
[ -e "$1" ] || n=0
size=$(du -sk . 2>/dev/null) || size=0
size=\${size%%[!0-9]*}
[ ! -d jobs ] || jobs=$(du -sk jobs 2>/dev/null) || jobs=0
[ ! -d jobs ] || size=$((\${size:-0} - \${jobs%%[!0-9]*}))
}
steady() {
claim_clock || return 1
s= n=$(($(date +%s) - u))
{ read -r s <".clock-$b"; } 2>/dev/null
s=$((\${s:-0} - n))
[ "$s" -gt ${CLOCK_SET_SECONDS} ] || [ "$s" -lt -${CLOCK_SET_SECONDS} ] || return 0
old | xargs touch -c --
{ printf '%s\\n' "$n" 1<>".clock-$b"; } 2>/dev/null
return 1
}
if steady; then
sweep -mmin +${KEPT_MINUTES}
find . -name . -o -prune \\( -name '.since-*' -o -name '.clock-*' \\) ! -name "*-$b" \\
-mtime +60 -exec rm -f -- {} +
count
if [ "$n" -gt ${MAX_CLAIMS * CROWDED} ] || [ "\${size:-0}" -gt ${MAX_KIB * CROWDED} ]; then
sweep ! -name 'k*' -mmin +${KEPT_AT_LEAST_MINUTES}
fi
fi`;

/** Reads what a `sweepScript()` wrote; null: it did not work. */
export function readFill(run: ScriptRun): Fill | null {
  const [, claims, kib] = /^(\d+) (\d*)\n$/.exec(run.output.text().stdout) ?? [];
  if (run.exitCode !== 0 || claims === undefined) return null;
  const isFull = Number(claims) >= MAX_CLAIMS || Number(kib) >= MAX_KIB;
  return { claims: Number(claims), isFull };
}
