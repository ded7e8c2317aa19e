import { quote } from "../shell/quote.ts";
import { cannot, Failure } from "./failure.ts";
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
import { decodeContent, describeBinary, sha256, type TextEncoding } from "./files/text.ts";
import type { Reply } from "./reply.ts";
import { failedReply, findRunFailure, legacyFailure } from "./run_failure.ts";
import type { Procedure, ScriptRun } from "./script.ts";

/** Largest file that is read or written whole. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** Why what is at a path cannot be given, and what to do instead. */
export const FILE_FAULTS = {
  directory: "it is a directory; use list_dir",
  special: "it is not a regular file; use shell",
  tooLong: "it has more than 32 MiB; read a part of it: offset, limit",
  notText: "it is not UTF-8 text; use shell with base64",
} as const;

/**
 * Reads a file whole: `remote_read_file` over ssh, and the agent where a script must. Without
 * `guarded`, bash follows the path.
 */
export function readFileProcedure(path: string, guarded: GuardedPath | null = null): Procedure {
  return {
    source: openingScript(path, guarded, "exec cat <&9 9<&-"),
    input: null,
    limits: { headBytes: MAX_FILE_BYTES, tailBytes: 0 },
    wholeOutput: true,
    read: (run) => readContent(run, path, toReply),
  };
}

/** The same for any bytes, which are answered in base64. */
export function readBytesProcedure(path: string, guarded: GuardedPath | null = null): Procedure {
  return {
    ...readFileProcedure(path, guarded),
    read: (run) => readContent(run, path, toBase64Reply),
  };
}

/** A script that opens a file as descriptor 9, checks it, and does something with it. */
export function openingScript(path: string, guarded: GuardedPath | null, action: string): string {
  return guarded === null
    ? scriptForPath(path, () => readScript(path, PLAIN_GUARD, action))
    : readScript(guarded.realPath, guarded.guard, action);
}

/**
 * `cat` of a FIFO or a device would wait, or never end, or take away what somebody else waits for.
 * What is read is looked at once it is open, since a path may lead elsewhere a moment later.
 */
function readScript(path: string, guard: Guard, action: string): string {
  return `${guardScript(guard)}${REFUSE_PLANTED}${REFUSE_UNREADABLE}
path=${operandWord(path)}
refuse_planted "$path"
if [ -f "$path" ] && { exec 9<"$path"; } 2>/dev/null; then
  at=$(readlink /proc/self/fd/9 2>/dev/null) || at=$path
  guard "$at"
  guard_file /dev/fd/9
  refuse_unreadable "$at"
  ${action}
  exit
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

/** Makes the reply of a content; throws a `Failure` where it cannot. */
type ToReply = (bytes: Uint8Array) => Reply;

function readContent(run: ScriptRun, path: string, toReply: ToReply): Reply {
  const fault = findReadFault(run);
  if (fault !== null) return failedRead(run, path, fault);
  try {
    return toReply(run.output.bytes("stdout"));
  } catch (error) {
    if (error instanceof Failure) return failedReply(cannot("read", path, error.message));
    throw error;
  }
}

/** The reply of a script that could not read a file. */
export function failedRead(run: ScriptRun, path: string, fault: string): Reply {
  const failed = failedReply(cannot("read", path, fault));
  return run.ended === "output_full" ? failed : { ...failed, legacy: legacyFailure("cat", run) };
}

function toReply(bytes: Uint8Array): Reply {
  const facts = { bytes: bytes.length, sha256: sha256([bytes]) };
  const decoded = decodeContent(bytes);
  if (decoded === null) {
    throw new Failure(describeBinary(bytes, { size: facts.bytes, sha256: facts.sha256 }));
  }
  const { text, encoding } = decoded;
  const structured = { ...facts, encoding };
  return { text: withLine(text, encodingLine(encoding)), failure: null, structured };
}

/** What is said behind a text that was not UTF-8; empty: nothing. */
function encodingLine(encoding: TextEncoding): string {
  return encoding === "utf-8" ? "" : `[the file is ${encoding}]`;
}

/** A text with a line of ours behind it. */
export function withLine(text: string, line: string): string {
  if (line === "") return text;
  return text === "" || text.endsWith("\n") ? `${text}${line}` : `${text}\n${line}`;
}

function toBase64Reply(bytes: Uint8Array): Reply {
  const hash = sha256([bytes]);
  return {
    text: bytes.toBase64(),
    failure: null,
    structured: { bytes: bytes.length, sha256: hash, encoding: "base64" },
  };
}
