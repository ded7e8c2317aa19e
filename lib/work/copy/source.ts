import { Buffer } from "node:buffer";
import { quote } from "../../shell/quote.ts";
import { cannot } from "../failure.ts";
import {
  type GuardedPath,
  guardScript,
  PLAIN_GUARD,
  REFUSE_PLANTED,
  REFUSE_UNREADABLE,
} from "../guard.ts";
import { operandWord, scriptForPath } from "../path.ts";
import { FILE_FAULTS } from "../read_file.ts";
import type { Reply } from "../reply.ts";
import { failedReply, findRunFailure } from "../run_failure.ts";
import type { Procedure, ScriptRun } from "../script.ts";
import { archiveOf, DROP_ARCHIVE, openArchive, packScript } from "./pack.ts";
import { pieceBytes, type ReadRequest } from "./requests.ts";
import { blocksOf, COPY_FUNCTIONS, digestsScript } from "./shell.ts";

const KIB = 1024;
/** Room for what a script says beside what it reads. */
const WORDS_BYTES = 64 * KIB;
const DIGEST_LINE_BYTES = 65;

/** Does a request at the source of a copy. Without `guarded`, bash follows the path. */
export function sourceProcedure(
  request: ReadRequest,
  guarded: GuardedPath | null = null,
): Procedure {
  const { path } = request;
  const script = () => scriptFor(request, guarded);
  return {
    source: guarded === null ? scriptForPath(path, script) : script(),
    input: null,
    limits: { headBytes: WORDS_BYTES + outputBytes(request), tailBytes: 0 },
    wholeOutput: true,
    read: (run) => {
      const failure = findRunFailure(run);
      if (failure !== null) return failedReply(cannot("read", path, failure));
      return READERS[request.op](run) ??
        failedReply(cannot("read", path, "what the host says of it cannot be read"));
    },
  };
}

function outputBytes(request: ReadRequest): number {
  if (request.op === "piece") return pieceBytes(request);
  return request.op === "digests" ? (request.count ?? 0) * DIGEST_LINE_BYTES : 0;
}

function scriptFor(request: ReadRequest, guarded: GuardedPath | null): string {
  const { id, op } = request;
  if (id !== undefined && op !== "pack") {
    const archive = archiveOf(id) + COPY_FUNCTIONS;
    return archive + (op === "drop" ? DROP_ARCHIVE : openArchive() + workScript(request));
  }
  const guard = guarded?.guard ?? PLAIN_GUARD;
  const start = `${guardScript(guard)}${REFUSE_PLANTED}${REFUSE_UNREADABLE}${COPY_FUNCTIONS}
path=${operandWord(guarded?.realPath ?? request.path)}
refuse_planted "$path"
[ -e "$path" ] || { said=$(ls -d -- "$path" 2>&1 >/dev/null); refuse "\${said##*: }"; }
`;
  if (op === "pack") return start + archiveOf(id ?? "0") + packScript(guard);
  return start + (op === "look" ? LOOK_AT_FOLDER : "") + OPEN_FILE + workScript(request);
}

const LOOK_AT_FOLDER = `
if [ -d "$path" ]; then
  printf 'folder %s\\n' "$(stamp_of "$path/.")"
  exit
fi
`;

/** Opens the file as descriptor 9. A FIFO would wait, so that what it is is seen to first. */
const OPEN_FILE = `
[ ! -d "$path" ] || refuse ${quote("it is a folder")}
[ -f "$path" ] || refuse ${quote(FILE_FAULTS.special)}
{ exec 9<"$path"; } 2>/dev/null || refuse 'permission denied'
at=$(readlink /proc/self/fd/9 2>/dev/null) || at=$path
guard "$at"
guard_file /dev/fd/9
refuse_unreadable "$at"
case $at in /proc/*|/sys/*) refuse 'it is made up by the kernel as it is read; use remote_read_file' ;; esac
`;

function workScript(request: ReadRequest): string {
  const { op, offset = 0, bytes = 0, count = 0 } = request;
  if (op === "digests") return digestsScript({ bytes, count });
  if (op !== "piece") return `printf 'file %s\\n' "$(stamp_of /dev/fd/9)"\n`;
  const size = pieceBytes(request);
  // What reads the sum waits until all that write to its pipe have ended: the one in the background, too.
  return `
exec 8>&1
set -o pipefail
sum=$({ dd bs=65536 skip=${blocksOf(offset)} count=${blocksOf(size)} <&9 2>/dev/null |
  tee >(sum >&7) >&8 || printf '!'; } 7>&1)
case $sum in *!*) refuse 'input/output error' ;; esac
printf 'piece %s %s\\n' "$sum" "$(stamp_of /dev/fd/9)" >&2
`;
}

type Reader = (run: ScriptRun) => Reply | null;

const READERS: Readonly<Record<ReadRequest["op"], Reader>> = {
  look: readLook,
  pack: readLook,
  piece: readPiece,
  digests: readDigests,
  drop: () => reply("Removed", {}),
};

function readLook({ output }: ScriptRun): Reply | null {
  const text = output.text().stdout;
  const [, kind, mode, size, stamp = ""] = /^(file|folder) ([0-7]+) (\d+) (.+)$/m.exec(text) ?? [];
  if (kind === undefined) return null;
  const [, left = null] = /^left out (.+)$/m.exec(text) ?? [];
  return reply(`It is a ${kind}`, {
    kind,
    mode: (mode ?? "").slice(-3).padStart(3, "0"),
    size: Number(size),
    stamp: toMilliseconds(stamp),
    left_out: left,
  });
}

function readPiece({ output }: ScriptRun): Reply | null {
  const [, sha256, size, stamp = ""] =
    /^piece ([0-9a-f]{64}) [0-7]+ (\d+) (.+)$/m.exec(textOf(output.bytes("stderr"))) ?? [];
  if (sha256 === undefined) return null;
  const bytes = output.bytes("stdout");
  // Garbage of this size would pile up.
  output[Symbol.dispose]();
  const facts = { sha256, size: Number(size), stamp: toMilliseconds(stamp) };
  return { ...reply(`${bytes.length} bytes`, facts), bytes };
}

/** A piece as an agent answers with it. */
export function pieceAsJson({ bytes, ...reply }: Reply): Reply {
  if (bytes === undefined) return reply;
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  return { ...reply, structured: { ...reply.structured, data } };
}

/** `1:2:2026-01-31 12:00:00.123456789 +0000` as `1:2:1769860800123`: what everybody can say. */
function toMilliseconds(stamp: string): string {
  const [, file, date, time] = /^(\d+:\d+):(\d+-\d+-\d+) (\d+:\d+:\d+\.\d{3})/.exec(stamp) ?? [];
  return file === undefined ? stamp : `${file}:${Date.parse(`${date}T${time}Z`)}`;
}

/** What `digestsScript()` has printed. */
export function readDigests({ output }: ScriptRun): Reply | null {
  const digests = output.text().stdout.split("\n").filter((line) => line !== "");
  if (!digests.every((digest) => /^[0-9a-f]{64}$/.test(digest))) return null;
  return reply(`${digests.length} digests`, { digests });
}

/** What is read beside it can be of any size, and no text. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function reply(text: string, structured: Reply["structured"]): Reply {
  return { text, failure: null, structured };
}
