import { quote } from "./quote.ts";

/** Seconds without a heartbeat after which the remote side ends the command by itself. */
export const SILENCE_SECONDS = 30;

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
}

/** The three lines by which the two sides know where a command stands. */
export interface FrameMarkers {
  /** On stderr: the shell is there, and nothing has run. */
  readonly ready: string;
  /** On both streams: the command starts; all before it is noise of start-up files. */
  readonly start: string;
  /** On both streams, followed by the exit code and a line feed: the command has ended. */
  readonly end: string;
}

/** Markers that no output holds by chance; `nonce` is a random word of `[A-Za-z0-9]`. */
export function frameMarkers(nonce: string): FrameMarkers {
  return { ready: `${nonce}?\n`, start: `${nonce}+\n`, end: `${nonce}- ` };
}

/**
 * First line for the shell: asks for the ready marker. The nonce and its sign are separate words
 * here and below, so that a shell that echoes its input (`set -x`) does not echo a marker.
 */
export function readyRequest(nonce: string): string {
  return `printf '%s%s\\n' ${nonce} '?' >&2\n`;
}

/**
 * The frame that runs a script as a job (a process group) of its own and watches it:
 *
 * - it stands in braces, so that a truncated frame runs nothing;
 * - streams are kept as 3 (input), 4 and 5 (output); the frame's own are shut, for job messages;
 * - the script comes on descriptor 6, so that neither its length nor its content meets a limit;
 * - the watcher ends the job when the input ends or falls silent: the caller is gone;
 * - a job that only stopped has not ended, though `wait` returns: hence the loop behind it.
 */
export function frame(nonce: string, command: FrameCommand): string {
  const until = command.input === null
    ? `while read -r -t ${SILENCE_SECONDS} <&3; do :; done`
    : `sleep ${Math.ceil(command.inputSeconds)}`;
  const stdin = command.input === null ? "</dev/null" : "<&3";
  return `s=${quote(command.script)}
{
exec 3<&0 4>&1 5>&2 </dev/null >/dev/null 2>&1
set -m
printf '%s%s\\n' ${nonce} + >&4
printf '%s%s\\n' ${nonce} + >&5
bash --norc -c 'eval "$(cat <&6)" 6<&-' ${stdin} 6< <(printf '%s\\n' "$s") >&4 2>&5 3<&- 4>&- 5>&- &
j=$!
( ${until}; kill -TERM -- "-$j"; sleep 1; kill -KILL -- "-$j" ) 4>&- 5>&- &
w=$!
wait "$j"
c=$?
while kill -0 "$j"; do sleep 1; wait "$j"; c=$?; done
kill -KILL -- "-$w"
printf '%s%s %d\\n' ${nonce} - "$c" >&4
printf '%s%s %d\\n' ${nonce} - "$c" >&5
exit "$c"
}
`;
}
