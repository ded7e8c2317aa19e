import { createHash } from "node:crypto";

/** What became of a command on one host. */
export type HostOutcome =
  /** It ran, with whatever exit code. */
  | "ok"
  /** It ran, or was to, and failed otherwise. */
  | "failed"
  /** It certainly did not run. */
  | "not_delivered"
  /** It may have run. */
  | "unknown"
  /** Its turn did not come: it did not run. */
  | "skipped";

/** A command's result on one host. */
export interface HostResult {
  readonly host: string;
  /** What else the host is called, which its output may hold: its addresses. */
  readonly aliases: readonly string[];
  readonly outcome: HostOutcome;
  /** Null: it is not known. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of bytes that are no UTF-8, which look alike as text; null: there are none. */
  readonly bytesDigest: string | null;
  /** Why it did not run, or what else is known of its end, on one line; null: nothing. */
  readonly note: string | null;
}

/** The words of a result with its host's name left out. */
export interface NamelessResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly note: string | null;
  /** The same for hosts whose results are the same but for their names. */
  readonly digest: string;
}

/** What is written in place of a host's own name. */
const PLACE = "{host}";

/**
 * A result without what may differ from host to host: its own name and addresses, where they are whole
 * words, CRLF, and the last line feed of each stream.
 */
export function leaveOutName(result: HostResult): NamelessResult {
  const { outcome, exitCode, bytesDigest } = result;
  const own = ownNames(result);
  const [stdout, stderr, note] = [result.stdout, result.stderr, result.note ?? ""]
    .map((text) => normalizeLines(text).split(own));
  const identity = JSON.stringify([outcome, exitCode, bytesDigest, stdout, stderr, note]);
  return {
    stdout: join(stdout),
    stderr: join(stderr),
    note: result.note === null ? null : join(note),
    digest: createHash("sha256").update(identity).digest("base64"),
  };
}

/** The text with LF at the ends of its lines, but for the last one, which has none. */
export function normalizeLines(text: string): string {
  const lines = text.includes("\r\n") ? text.replaceAll("\r\n", "\n") : text;
  return lines.endsWith("\n") ? lines.slice(0, -1) : lines;
}

/** Matches them as whole words: `web1` is in `web1.example.com`, and not in `web10` or `my-web1`. */
function ownNames({ host, aliases }: HostResult): RegExp {
  const names = [...new Set([host, ...aliases])].filter((name) => name !== "")
    .sort((a, b) => b.length - a.length)
    .map((name) => RegExp.escape(name));
  return new RegExp(`(?<![\\w.-])(?:${names.join("|")})(?![\\w-]|\\.\\d)`);
}

function join(parts: readonly string[] | undefined): string {
  return (parts ?? []).join(PLACE);
}
