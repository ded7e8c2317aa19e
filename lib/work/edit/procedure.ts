import type { Pause } from "../../base/bursts.ts";
import { cannot, Failure } from "../failure.ts";
import { operandWord } from "../path.ts";
import { FILE_FAULTS, findReadFault, readFileProcedure } from "../read_file.ts";
import type { Reply } from "../reply.ts";
import { failedReply, findRunFailure } from "../run_failure.ts";
import type { Procedure, ScriptRun, Verification } from "../script.ts";
import { writeFileProcedure } from "../write_file.ts";
import { applyEdits, type Edit } from "./apply.ts";
import { type Content, contentOf, describeEdited, refuseOther } from "./edited.ts";

/** The edits of a file. */
export interface EditRequest {
  readonly path: string;
  readonly edits: readonly Edit[];
  /** SHA-256 of what they are for; undefined: whatever is there. */
  readonly ifSha256: string | undefined;
  readonly pause: Pause;
}

/**
 * Edits a file over ssh: `remote_edit_file`. It is read, edited here, and replaced if it still is what
 * was read.
 */
export function editFileProcedure(request: EditRequest): Procedure {
  const { path } = request;
  const { source, input, limits, wholeOutput } = readFileProcedure(path);
  return {
    source,
    input,
    limits,
    wholeOutput,
    next: async (run) => {
      try {
        return await replaceRead(run, request);
      } catch (error) {
        if (error instanceof Failure) return failedEdit(path, error.message);
        throw error;
      }
    },
    // An earlier call's: all that is known is how it ended.
    read: (run) => {
      const failure = findRunFailure(run);
      if (failure !== null) return failedEdit(path, failure);
      const text = `Edited ${path}; what was replaced was not kept`;
      return { text, failure: null, structured: null };
    },
  };
}

/** Makes the script that replaces what was read. Throws a `Failure` if the edits do not fit it. */
async function replaceRead(run: ScriptRun, request: EditRequest): Promise<Procedure> {
  const { path, edits, ifSha256, pause } = request;
  const fault = findReadFault(run);
  if (fault !== null) throw new Failure(fault);
  const bytes = run.output.bytes("stdout");
  const old = contentOf(bytes);
  refuseOther(old, ifSha256);
  const before = decodeText(bytes);
  const edited = await applyEdits(before, edits, pause);
  const content = new TextEncoder().encode(edited.text);
  const renewed = contentOf(content);
  const describe = describeEdited({ path, before, ...edited }, renewed);
  return {
    ...writeFileProcedure({ path, content, replaces: old.sha256 }),
    read: (run) => {
      const failure = findRunFailure(run);
      return failure === null ? describe(hardLinksIn(run)) : failedEdit(path, failure);
    },
    verify: verification(path, { old, renewed, done: () => describe(0) }),
  };
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Failure(FILE_FAULTS.notText, { cause: error });
  }
}

function failedEdit(path: string, reason: string): Reply {
  return failedReply(cannot("edit", path, reason));
}

/** How many hard links keep the old content, as the script says. */
function hardLinksIn({ output }: ScriptRun): number {
  return Number(/^names (\d+)$/m.exec(output.text().stdout)?.[1] ?? 1) - 1;
}

/** What a file held, and what it is to hold. */
interface Contents {
  readonly old: Content;
  readonly renewed: Content;
  readonly done: () => Reply;
}

/** Finds out by the file's hash whether it was replaced. */
function verification(path: string, { old, renewed, done }: Contents): Verification {
  return {
    source: `path=${operandWord(path)}
[ -f "$path" ] || exit
{ sha256sum || shasum -a 256 || openssl dgst -sha256 -r; } <"$path" 2>/dev/null
`,
    input: null,
    limits: { headBytes: 1_024, tailBytes: 0 },
    wholeOutput: false,
    readState: ({ output }) => {
      const [sha256] = /^[0-9a-f]{64}\b/.exec(output.text().stdout) ?? [];
      if (sha256 === renewed.sha256) return { state: "done", reply: done() };
      if (sha256 === old.sha256) return { state: "undone" };
      return {
        state: "unclear",
        found: sha256 === undefined ? null : `the file has sha256 ${sha256}`,
      };
    },
  };
}
