import { Buffer } from "node:buffer";
import { quote } from "../../shell/quote.ts";
import { cannot } from "../failure.ts";
import { followTarget } from "../files/follow_links.ts";
import {
  type Guard,
  GUARD_FAULTS,
  type GuardedPath,
  guardScript,
  NO_GUARD,
  REFUSE_PLANTED,
  REFUSE_UNREADABLE,
} from "../guard.ts";
import { pathWord, scriptForPath } from "../path.ts";
import { FILE_FAULTS } from "../read_file.ts";
import type { Reply } from "../reply.ts";
import { failedReply, findRunFailure } from "../run_failure.ts";
import type { Procedure, ScriptRun } from "../script.ts";
import { FINISH_FILE, FINISH_FOLDER } from "./finish.ts";
import { partName, type WriteRequest } from "./requests.ts";
import { blocksOf, COPY_FUNCTIONS, digestsScript } from "./shell.ts";
import { readDigests } from "./source.ts";

const WORDS_BYTES = 64 * 1024;
const DIGEST_LINE_BYTES = 65;

/**
 * Does a request at a target of a copy. Without `guarded`, bash follows the path. `piece` is what the request
 * has as base64.
 */
export function targetProcedure(
  request: WriteRequest,
  { guarded = null, piece }: {
    readonly guarded?: GuardedPath | null;
    readonly piece?: Uint8Array | undefined;
  } = {},
): Procedure {
  const { op, path, count = 0 } = request;
  const input = op === "piece" ? piece ?? Buffer.from(request.data ?? "", "base64") : null;
  const script = () => scriptFor({ ...request, bytes: input?.length ?? request.bytes }, guarded);
  return {
    source: guarded === null ? scriptForPath(path, script) : script(),
    input,
    limits: { headBytes: WORDS_BYTES + count * DIGEST_LINE_BYTES, tailBytes: 0 },
    wholeOutput: false,
    read: (run) => {
      const failure = findRunFailure(run);
      if (failure !== null) return failedReply(cannot("write", path, failure));
      return readTarget(op, run) ??
        failedReply(cannot("write", path, "what the host says of it cannot be read"));
    },
  };
}

/** The reply to what just has to be done. */
export const DONE: Reply = { text: "Done", failure: null, structured: { done: true } };

function readTarget(op: WriteRequest["op"], run: ScriptRun): Reply | null {
  if (op === "digests" || op === "there") return readDigests(run);
  if (op !== "begin") return DONE;
  const text = run.output.text().stdout;
  const [, have] = /^have (\d+)$/m.exec(text) ?? [];
  if (have === undefined) return null;
  const [, mode, size] = /^there ([0-7]+) (\d+) /m.exec(text) ?? [];
  const there = mode === undefined
    ? {}
    : { there: { mode: mode.slice(-3).padStart(3, "0"), size: Number(size) } };
  const structured = { have: Number(have), ...there };
  return { text: `${have} bytes are there`, failure: null, structured };
}

function scriptFor(request: WriteRequest, guarded: GuardedPath | null): string {
  const { op, id, kind, size = 0, offset = 0, bytes = 0, count = 0, sha256 = "", mode } = request;
  const settings = `size=${size} kind=${kind} id=${id} offset=${offset} bytes=${bytes}
sha256=${sha256} mode=${mode ?? (kind === "file" ? "644" : "755")}
`;
  const enter = settings +
    enterFolder(guarded?.realPath ?? request.path, guarded?.guard ?? NO_GUARD);
  switch (op) {
    case "begin":
      return enter + CHECK_TARGET + BEGIN;
    case "piece":
      return enter + writePiece(offset);
    case "digests":
      return enter + openFile("$part") + digestsScript({ bytes, count });
    case "there":
      return enter + openFile("$target") + digestsScript({ bytes, count });
    case "finish":
      return enter + (kind === "file" ? CHECK_TARGET + FINISH_FILE : FINISH_FOLDER);
    case "discard":
      return enter + DISCARD;
  }
}

/**
 * Enters the folder of what a path leads to, `target` from there, which does not change with its path
 * any more. `part` is the partial file beside it: one of our own, and no link.
 */
function enterFolder(path: string, guard: Guard): string {
  return `${guardScript(guard)}${REFUSE_PLANTED}${REFUSE_UNREADABLE}${COPY_FUNCTIONS}
path=${pathWord(path)}
[ -n "$path" ] || refuse 'no such file or directory'
refuse_planted "$path"
case $path in /*) target=$path ;; *) target=./$path ;; esac
${followTarget((words) => `refuse ${quote(words)}`)}folder=\${target%/*}/
target=./\${target##*/}
case $target in ./|./.|./..) refuse 'it names no file' ;; esac
cd -P -- "$folder" || exit 1
at=$(env pwd -P)
at=\${at%/}/\${target#./}
guard "$at"
guard_file "$target"
refuse_unreadable "$at"
[ ! -L "$target" ] || refuse ${quote(GUARD_FAULTS.moved)}
part=./${partName("$id")}
stage=$part.new
own_part() { [ -f "$part" ] && [ ! -L "$part" ] && [ -O "$part" ]; }
`;
}

const CHECK_TARGET = `
if [ "$kind" = folder ]; then
  [ ! -e "$target" ] || [ -d "$target" ] || refuse 'a file has that name'
  [ ! -d "$target" ] || [ -z "$(ls -A -- "$target" 2>&1 | head -c 1)" ] ||
    refuse 'it exists already; move it away, or copy to another name'
else
  [ ! -d "$target" ] || refuse 'is a directory; end the path with / to copy into it'
  [ ! -e "$target" ] || [ -f "$target" ] || refuse ${quote(FILE_FAULTS.special)}
  [ ! -e "$target" ] || [ -w "$target" ] || refuse 'permission denied'
fi
`;

/** Makes the partial file where there is none, says how much of it there is, and what it would replace. */
const BEGIN = `
find . -maxdepth 1 -name '.lmcp-copy-*' -type f -user "$EUID" -mtime +1 -exec rm -f {} + 2>/dev/null
if [ ! -e "$part" ] && [ ! -L "$part" ]; then
  said=$({ umask 077; set -C; : >"$part"; } 2>&1) || refuse "\${said##*: }"
fi
own_part || refuse 'something else has the name of its partial file'
have=$(size_of "$part")
[ "$have" -le "$size" ] || { : >"$part" || exit 1; have=0; }
need=$(((size - have) / 1024))
set -- $(df -Pk . 2>/dev/null | tail -n 1)
case $4 in ''|*[!0-9]*) ;; *)
  if [ "$4" -lt "$need" ]; then
    [ "$have" -gt 0 ] || rm -f "$part"
    refuse 'no space left on device'
  fi ;;
esac
printf 'have %s\\n' "$have"
[ ! -f "$target" ] || printf 'there %s\\n' "$(stamp_of "$target")"
`;

/** Writes a piece where it belongs. Doing so again does no harm. */
function writePiece(offset: number): string {
  return `
own_part || refuse 'its partial file is gone; copy it again'
[ "$(size_of "$part")" -ge "$offset" ] || refuse 'its partial file is too short; copy it again'
set -o pipefail
said=$(head -c "$bytes" | LC_ALL=C dd of="$part" bs=65536 seek=${
    blocksOf(offset)
  } conv=notrunc 2>&1) || {
  said=\${said#*dd: } said=\${said%%$'\\n'*}
  refuse "\${said##*: }"
}
[ "$(size_of "$part")" -ge $((offset + bytes)) ] || refuse 'the piece did not arrive whole'
`;
}

function openFile(name: string): string {
  return `
[ -f "${name}" ] && { exec 9<"${name}"; } 2>/dev/null || refuse 'permission denied'
`;
}

const DISCARD = `
if own_part; then rm -f "$part"; fi
if [ -d "$stage" ] && [ ! -L "$stage" ] && [ -O "$stage" ]; then
  chmod -R u+rwX "$stage" 2>/dev/null
  rm -rf "$stage"
fi
exit 0
`;
