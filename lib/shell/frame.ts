import { AWAIT_JOB, ENDING_FUNCTIONS, RING } from "./ending.ts";
import { quote } from "./quote.ts";
import type { OutputStream } from "./ring.ts";

/** Seconds without a heartbeat after which the remote side ends the command by itself. */
const SILENCE_SECONDS = 30;

/** What to run in a frame. */
export interface FrameCommand {
  /** Source text for bash. */
  readonly script: string;
  /**
   * Bytes for the script's standard input, sent raw behind the frame; null: it reads end-of-file.
   * The script must read exactly as many (`head -c N`).
   */
  readonly input: Uint8Array | null;
  /** Longest run, in seconds, of a script that reads input (no heartbeat can guard it meanwhile). */
  readonly inputSeconds: number;
  /** How the command is claimed on the host before it runs; absent: it is not. */
  readonly claim?: FrameClaim | null;
}

/**
 * Source text that claims a command. It may use and leave variables but for `m`, the process id of
 * the shell that runs it, and must not touch any descriptor above 2.
 */
export interface FrameClaim {
  /** Sets `c` to an empty text if the command may run, else to one of `NOT_CLAIMED`. */
  readonly take: string;
  /** Notes how the command has ended: `c` is its exit code, `r` is `!` if something of it remains. */
  readonly keep: string;
  /** Runs when all is said. */
  readonly after: string;
}

/** What is said in place of an exit code of a command that was not run, since it is claimed or cannot be. */
export const NOT_CLAIMED = { taken: "=", unclaimable: "~" } as const;

/** By which the two sides know where a command stands, on one of its streams. */
export interface StreamMarkers {
  /** The script has arrived whole, and starts; all before it is noise. */
  readonly start: string;
  /** The frame could not start the script. Says nothing if it comes behind a start. */
  readonly refused: string;
  /** Followed by what `parseEnd()` reads: the script has ended, or, without a start, was never run. */
  readonly end: string;
}

/** All markers of a session. */
export interface FrameMarkers extends Readonly<Record<OutputStream, StreamMarkers>> {
  /** The shell is there, and nothing has run. On stderr, wherever that leads. */
  readonly ready: string;
}

/** How a command ended. */
export interface FrameEnd {
  readonly exitCode: number;
  /** It was to be ended, and something of it is still there. */
  readonly remains: boolean;
}

/** How the streams are called in markers: they may lead to one place. */
const SIGNS: Readonly<Record<OutputStream, string>> = { stdout: "1", stderr: "2" };

/** Markers that no output holds by chance; `nonce` is a random word of `[A-Za-z0-9]`. */
export function frameMarkers(nonce: string): FrameMarkers {
  const markersOf = (sign: string): StreamMarkers => ({
    start: `${nonce}${sign}+\n`,
    refused: `${nonce}${sign}!\n`,
    end: `${nonce}${sign}- `,
  });
  return {
    ready: `${nonce}?\n`,
    stdout: markersOf(SIGNS.stdout),
    stderr: markersOf(SIGNS.stderr),
  };
}

/** Longest text between the end marker and the line feed: `255!`. */
export const MAX_END_LENGTH = 4;

/** Reads what stands behind an end marker; null: that is no end. */
export function parseEnd(text: string): FrameEnd | keyof typeof NOT_CLAIMED | null {
  if (text === NOT_CLAIMED.taken) return "taken";
  if (text === NOT_CLAIMED.unclaimable) return "unclaimable";
  const [, digits, remains] = /^(\d{1,3})(!?)$/.exec(text) ?? [];
  const exitCode = Number(digits);
  return exitCode <= 255 ? { exitCode, remains: remains !== "" } : null;
}

/**
 * First lines for the shell: bash says that it is ready, any other shell leaves. Only csh reads
 * `$?0` as one character, and it must not come to the second line, where `>&2` names a file.
 * The nonce and its sign are separate words here and below, so that a shell that echoes its input
 * (`set -x`) does not echo a marker.
 */
export function readyRequest(nonce: string): string {
  return `test 0 = "$?0" && exit 9
test "$BASH_VERSINFO" && eval 'printf "%s%s\\n" ${nonce} "?" >&2' || exit 9
`;
}

/**
 * The frame that runs a script as a job (a process group) of its own and watches it. What it needs
 * on the host is bash and `/dev/null`; all but `sleep` is built into bash, and what a claim needs.
 *
 * - it is enclosed in braces, so that a truncated frame runs nothing;
 * - a pipe brings the script, so that neither its length nor its content meets a limit. A NUL
 *   character ends it, which `read` must have seen before anything of it runs;
 * - descriptors are kept as 3 (input), 4 and 5 (output); the frame's own are shut, since bash
 *   reports there which jobs were killed;
 * - the watcher exists before the job does, so that no job goes unwatched. It rings when the input
 *   ends or falls silent: the caller is gone;
 * - where the job could not be started, the outer shell says `refused`. Then it or the inner one has
 *   exited with 99, or, for want of a process, with 254 (126 in bash 3); else nothing is known;
 * - streams may lead to one place. So the outer one, on which the shell was ready, is the last to
 *   start and the first to end, and shows no marker of the inner one.
 */
export function frame(
  nonce: string,
  command: FrameCommand,
  { readyOn }: { readonly readyOn: OutputStream },
): string {
  const outer = readyOn;
  const inner = outer === "stderr" ? "stdout" : "stderr";
  const claim = command.claim ?? UNCLAIMED;
  const stdin = command.input === null ? "</dev/null" : "<&3";
  return `set +aefuvx
lmcp_s=${quote(command.script)}
{
trap '${refuse(nonce, outer, inner)}' EXIT
exec 5>&2
exec 3<&0 4>&1 </dev/null || exit 99
exec 2>/dev/null
printf '%s\\n\\0' ${nonce} "$lmcp_s" | {
exec 2>&5
exec 6<&0 </dev/null >/dev/null || exit 99
${ownPid("m")}
${claim.take}
if [ -n "$c" ]; then
r=
${sayEnd(nonce, outer)}
${sayEnd(nonce, inner)}
exit 0
fi
${ENDING_FUNCTIONS}
trap 't=$((t + 1))' USR2
set -m
(
${ownPid("j")}
( set -m; ( ${watch(command)}; ${RING} ) 2>/dev/null 4>&- 5>&- 6<&- & ) || exit
exec "$BASH" --norc -c '${run(inner, outer)}' bash ${stdin} >&4 2>&5 3<&-
) &
j=$!
exec 6<&- 2>/dev/null
${AWAIT_JOB}
${claim.keep}
${sayEnd(nonce, outer)}
${sayEnd(nonce, inner)}
${claim.after}
exit 0
}
exit "\${PIPESTATUS[1]}"
}
`;
}

const UNCLAIMED: FrameClaim = { take: "c=", keep: "", after: "" };

/** Where the outer shell has the command's streams, if it has not lost them, and the inner one. */
const OUTER_FD: Readonly<Record<OutputStream, string>> = { stdout: "1", stderr: "5" };
const INNER_FD: Readonly<Record<OutputStream, string>> = { stdout: "4", stderr: "5" };

/** Source of what the outer shell does last: it speaks only of what was not started. */
function refuse(nonce: string, first: OutputStream, second: OutputStream): string {
  return `case $? in 126|254) echo "bash: cannot start a process" >&5 ;; 99) ;; *) exit ;; esac; ` +
    [first, second].map((stream) =>
      `printf "%s%s\\n" ${nonce} "${SIGNS[stream]}!" >&${OUTER_FD[stream]}`
    ).join("; ");
}

function sayEnd(nonce: string, stream: OutputStream): string {
  return `printf "%s%s\\n" ${nonce} "${SIGNS[stream]}- $c$r" >&${INNER_FD[stream]}`;
}

/** Sets a variable to the process id of the subshell that runs this; `$$` is another's. */
function ownPid(name: string): string {
  return `${name}=\${BASHPID:-$(BASH_ENV= exec "$BASH" --norc -c 'echo "$PPID"')}`;
}

/**
 * Source of the watcher, until it must ring. Where it cannot listen, it looks for the job itself. At
 * a limit of processes, bash has been seen to go on without running `read`; that ends it, too.
 */
function watch({ input, inputSeconds }: FrameCommand): string {
  if (input === null) {
    return `q=0\nwhile ((q++ < SECONDS + 100)) && read -r -t ${SILENCE_SECONDS} <&3; do :; done`;
  }
  return `u=$((SECONDS + ${Math.ceil(inputSeconds)}))\n` +
    `while ((SECONDS < u)) && kill -0 "$j"; do nap 1; done`;
}

/**
 * Source of the bash that runs the script: reads nonce and script, and keeps no nonce. To `read`,
 * what begins a character takes the next byte with it: this is a line feed, and not the NUL. A file
 * that this bash reads first may have led its output elsewhere, or made a function of `set`: the
 * start is said where the outer one listens, and never without the nonce. The script is all that is
 * evaluated, since bash shows the line of a syntax error.
 */
function run(first: OutputStream, second: OutputStream): string {
  const start = (stream: OutputStream) =>
    `printf "%s${SIGNS[stream]}+\\n" "\${1%?}" >&${INNER_FD[stream]}`;
  const read = `TMOUT= read -r -d "" <&6`;
  return `${read} && set -- "$REPLY" && ${read} && exec 6<&- && [[ $1 ]] && ${start(first)} && ` +
    `${start(second)} && exec >&4 2>&5 4>&- 5>&- && { set --; eval "\${REPLY%?}"; }`;
}
