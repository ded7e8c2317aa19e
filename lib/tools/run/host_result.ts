import { foreignText } from "../../base/text/foreign_text.ts";
import type { Host } from "../../fleet/host.ts";
import type { HostResult } from "../../targets/folding/host_result.ts";
import type { Reply } from "../../work/reply.ts";
import { RAW_DIGEST } from "../../work/shell.ts";
import type { Answered } from "../result.ts";
import { readShellRun, type ShellRun } from "../shell.ts";

/** Characters of why something failed. */
const MAX_NOTE = 500;

type Words = Pick<HostResult, "exitCode" | "stdout" | "stderr" | "note">;

/** What became of a command on a host. */
export function toHostResult(host: Host, answered: Answered): HostResult {
  const common = { host: host.name, aliases: aliasesOf(host), bytesDigest: null };
  switch (answered.kind) {
    case "ran": {
      const { reply, exitCode } = answered;
      return { ...common, ...readRun(reply, exitCode), bytesDigest: digestIn(reply) };
    }
    case "refused":
      return { ...common, ...NO_WORDS, outcome: "not_delivered", note: answered.reason };
    case "not_delivered":
      return { ...common, ...NO_WORDS, outcome: "not_delivered", note: describe(answered) };
    case "unknown": {
      const { stdout = "", stderr = "" } = answered.output ?? {};
      const note = describe(answered);
      return { ...common, outcome: "unknown", exitCode: null, stdout, stderr, note };
    }
  }
}

/** A host whose turn did not come. */
export function skippedResult(host: Host): HostResult {
  const common = { host: host.name, aliases: [], bytesDigest: null };
  return { ...common, ...NO_WORDS, outcome: "skipped", note: null };
}

const NO_WORDS: Words = { exitCode: null, stdout: "", stderr: "", note: null };

function readRun(reply: Reply, exitCode: number | null): Words & Pick<HostResult, "outcome"> {
  const { text, failure } = reply;
  const run = readShellRun(reply);
  if (failure !== null) {
    const [first = "", ...output] = failure.split("\n");
    const { stdout, stderr } = run ?? { stdout: output.join("\n"), stderr: "" };
    const note = foreignText(first, MAX_NOTE);
    return { outcome: "failed", exitCode, stdout, stderr, note };
  }
  if (run === null) return { outcome: "ok", stderr: "", note: null, ...readText(text, exitCode) };
  const { exit_code, stdout, stderr } = run;
  return { outcome: "ok", exitCode: exit_code, stdout, stderr, note: noteOf(run) };
}

/** A server that has no structured answers has the exit code in the text, as the Lua hub does. */
function readText(
  text: string,
  exitCode: number | null,
): Pick<HostResult, "exitCode" | "stdout"> {
  const [line = "", code = ""] = /^\[rc=(\d{1,3})\]\n?/.exec(text) ?? [];
  return line === ""
    ? { exitCode, stdout: text }
    : { exitCode: Number(code), stdout: text.slice(line.length) };
}

function noteOf({ truncated, timed_out }: ShellRun): string | null {
  const notes = [
    ...(timed_out ? ["ended by its timeout"] : []),
    ...(truncated ? ["the middle of its output is missing"] : []),
  ];
  return notes.length === 0 ? null : notes.join(", ");
}

/** Of output that is no UTF-8, where its host says it. */
function digestIn({ structured }: Reply): string | null {
  const digest = structured?.[RAW_DIGEST];
  return typeof digest === "string" ? digest : null;
}

function describe({ errors }: Extract<Answered, { kind: "not_delivered" | "unknown" }>): string {
  return foreignText(errors.map(({ via, reason }) => `${via}: ${reason}`).join(" | "), MAX_NOTE);
}

/** What a host may call itself: the name behind `user@`, and that in its URL. */
function aliasesOf({ sshHost, lmcpUrl }: Host): readonly string[] {
  const names = [
    ...(sshHost === null ? [] : [nameIn(sshHost)]),
    ...(lmcpUrl === null ? [] : [nameIn(lmcpUrl)]),
  ];
  return names.filter((name) => !LOCAL.has(name));
}

/** The name in a URL, or in ssh's `USER@HOST`. */
function nameIn(address: string): string {
  const url = address.includes("://") ? URL.parse(address) : null;
  return url === null
    ? address.slice(address.lastIndexOf("@") + 1)
    : url.hostname.replace(/^\[|\]$/g, "");
}

/** What every host calls itself. */
const LOCAL: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);
