import { checkAuditFiles, type CheckFilesOptions } from "../../lib/audit/check_files.ts";
import { type AuditFile, openAuditFile } from "../../lib/audit/file.ts";
import { readRawLines } from "../../lib/audit/lines.ts";
import { formatProblem } from "../../lib/base/problem.ts";

/** A directory with an audit file, which hubs of the test write to, one after the other. */
export interface ChainLab extends AsyncDisposable {
  readonly path: string;
  /** Starts a hub; the one before has been stopped. */
  readonly start: (options?: { readonly isChained?: boolean }) => Promise<AuditFile>;
  /** Lets the hub write lines with the next numbers. */
  readonly write: (count: number) => Promise<void>;
  readonly read: (suffix?: string) => Promise<string>;
  /** Replaces the file's text. */
  readonly tamper: (change: (lines: string[]) => readonly string[]) => Promise<void>;
  /** What `--check --audit` finds in files with these suffixes, oldest first. */
  readonly check: (
    suffixes?: readonly string[],
    options?: Partial<CheckFilesOptions>,
  ) => Promise<readonly string[]>;
}

/** Makes a `ChainLab` with a hub that writes a chain. */
export async function openChainLab(): Promise<ChainLab> {
  const directory = await Deno.makeTempDir({ prefix: "audit-" });
  const path = `${directory}/audit.jsonl`;
  let at = 0;
  let written = 0;
  let file: AuditFile | null = null;

  async function start({ isChained = true } = {}): Promise<AuditFile> {
    file?.close();
    file = null;
    file = await openAuditFile(path, { now: () => at += 1_000, isChained });
    return file;
  }

  await start();
  return {
    path,
    start,
    write: async (count) => {
      for (let line = 0; line < count; line++) {
        await file?.append(`{"time":"2026-11-27","what":"line ${++written}"}\n`);
      }
    },
    read: (suffix = "") => Deno.readTextFile(path + suffix),
    tamper: async (change) => {
      const lines = (await Deno.readTextFile(path)).split("\n").slice(0, -1);
      await Deno.writeTextFile(path, change(lines).map((line) => `${line}\n`).join(""));
    },
    check: async (suffixes = [""], options = {}) => {
      const paths = suffixes.map((suffix) => path + suffix);
      const { problems } = await checkAuditFiles(paths, { readLines: readRawLines, ...options });
      return problems.map((problem) => formatProblem(problem).replaceAll(path, "audit"));
    },
    [Symbol.asyncDispose]: async () => {
      file?.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}
