import { quote } from "../shell/quote.ts";
import { cannot } from "./failure.ts";
import {
  type Guard,
  GUARD_FAULTS,
  type GuardedPath,
  guardScript,
  PLAIN_GUARD,
  REFUSE_PLANTED,
  REFUSE_UNREADABLE,
} from "./guard.ts";
import { operandWord, scriptForPath } from "./path.ts";
import type { Reply } from "./reply.ts";
import { failedReply, findRunFailure, legacyFailure } from "./run_failure.ts";
import type { Procedure, ScriptRun } from "./script.ts";

/** Largest file that is read or written whole. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** Why what is at a path cannot be given, and what to do instead. */
export const FILE_FAULTS = {
  directory: "it is a directory; use list_dir",
  special: "it is not a regular file; use shell",
  tooLong: "it has more than 32 MiB; use shell with head, tail or sed -n",
  notText: "it is not UTF-8 text; use shell with base64",
} as const;

/**
 * Reads a file whole: `remote_read_file` over ssh, and the agent where a script must. Without
 * `guarded`, bash follows the path.
 */
export function readFileProcedure(path: string, guarded: GuardedPath | null = null): Procedure {
  return {
    source: guarded === null
      ? scriptForPath(path, () => readScript(path, PLAIN_GUARD))
      : readScript(guarded.realPath, guarded.guard),
    input: null,
    limits: { headBytes: MAX_FILE_BYTES, tailBytes: 0 },
    wholeOutput: true,
    read: (run) => readContent(run, path),
  };
}

/** The text of a file's bytes, exactly, a byte order mark included; null: they are no UTF-8. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * `cat` of a FIFO or a device would wait, or never end, or take away what somebody else waits for.
 * What is read is looked at once it is open, since a path may lead elsewhere a moment later.
 */
function readScript(path: string, guard: Guard): string {
  return `${guardScript(guard)}${REFUSE_PLANTED}${REFUSE_UNREADABLE}
path=${operandWord(path)}
refuse_planted "$path"
if [ -f "$path" ] && { exec 9<"$path"; } 2>/dev/null; then
  at=$(readlink /proc/self/fd/9 2>/dev/null) || at=$path
  guard "$at"
  guard_file /dev/fd/9
  refuse_unreadable "$at"
  exec cat <&9 9<&-
fi
[ ! -e "$path" ] || [ -f "$path" ] || [ -d "$path" ] || refuse ${quote(FILE_FAULTS.special)}
cat -- "$path" >/dev/null && refuse ${quote(GUARD_FAULTS.moved)}
exit 1
`;
}

/** Why a run of `readFileProcedure()` did not give the content; null: it did. */
export function findReadFault(run: ScriptRun): string | null {
  if (run.ended === "output_full") return FILE_FAULTS.tooLong;
  const failure = findRunFailure(run);
  return failure === "is a directory" ? FILE_FAULTS.directory : failure;
}

function readContent(run: ScriptRun, path: string): Reply {
  const fail = (reason: string) => failedReply(cannot("read", path, reason));
  const fault = findReadFault(run);
  if (fault !== null) {
    const failed = fail(fault);
    return run.ended === "output_full" ? failed : { ...failed, legacy: legacyFailure("cat", run) };
  }
  const bytes = run.output.bytes("stdout");
  const text = decodeText(bytes);
  if (text === null) return fail(FILE_FAULTS.notText);
  return { text, failure: null, structured: { bytes: bytes.length } };
}
