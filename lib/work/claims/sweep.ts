import { quote } from "../../shell/quote.ts";
import type { Script, ScriptRun } from "../script.ts";

/** Claims in one folder, and what they hold in all: with more, nothing is claimed. */
export const MAX_CLAIMS = 16_384;
const MAX_KIB = 256 * 1024;
/** How long a claim is kept. */
const KEPT_MINUTES = 24 * 60;
/** How long those without a key are kept at least, however many there are. */
export const KEPT_AT_LEAST_MINUTES = 15;
/** A folder that is so full is swept of them. */
const CROWDED = 3 / 4;

/** How full a folder of claims is. */
export interface Fill {
  readonly claims: number;
  readonly isFull: boolean;
}

/** A script that removes old claims from a folder, and says how many there are then. */
export function sweepScript(directory: string): Script {
  return {
    source: `cd -P -- ${quote(directory)} || exit
${SWEEP}
count
echo "$n $size"
`,
    input: null,
    limits: { headBytes: 4_096, tailBytes: 0 },
    wholeOutput: false,
  };
}

/** Sweeps the working directory, a folder of claims. What jobs beside them hold does not count. */
export const SWEEP = `claims='./[0-9a-fk]*'
sweep() { find . -path "$claims" -prune -type d "$@" -exec rm -rf -- {} + ; }
count() {
set -- $claims
n=$#
[ -e "$1" ] || n=0
size=$(du -sk . 2>/dev/null) || size=0
size=\${size%%[!0-9]*}
[ ! -d jobs ] || jobs=$(du -sk jobs 2>/dev/null) || jobs=0
[ ! -d jobs ] || size=$((\${size:-0} - \${jobs%%[!0-9]*}))
}
sweep -mmin +${KEPT_MINUTES}
find . -name . -o -prune -name '.since-*' -mtime +60 -exec rm -f -- {} +
count
if [ "$n" -gt ${MAX_CLAIMS * CROWDED} ] || [ "\${size:-0}" -gt ${MAX_KIB * CROWDED} ]; then
sweep ! -name 'k*' -mmin +${KEPT_AT_LEAST_MINUTES}
fi`;

/** Reads what a `sweepScript()` wrote; null: it did not work. */
export function readFill(run: ScriptRun): Fill | null {
  const [, claims, kib] = /^(\d+) (\d*)\n$/.exec(run.output.text().stdout) ?? [];
  if (run.exitCode !== 0 || claims === undefined) return null;
  const isFull = Number(claims) >= MAX_CLAIMS || Number(kib) >= MAX_KIB;
  return { claims: Number(claims), isFull };
}
