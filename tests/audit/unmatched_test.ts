import assert from "node:assert/strict";
import { type Audit, createAudit } from "../../lib/audit/record.ts";
import { checkAuditFiles } from "../../lib/audit/check_files.ts";
import { formatProblem } from "../../lib/base/problem.ts";
import type { RawLine } from "../../lib/audit/lines.ts";
import type { CallRecord } from "../../lib/calls/record.ts";
import { callRecord } from "../calls/record.ts";

/** A real line for the call of an id. */
function line(event: "begin" | "end", requestId: string, call: Partial<CallRecord> = {}): string {
  const lines: string[] = [];
  const take = (text: string) => {
    lines.push(text);
    return Promise.resolve(null);
  };
  const audit: Audit = createAudit({ write: take, writeSoon: take, now: () => new Date(0) });
  audit[event](callRecord({ requestId, ...call }), { redact: (text) => text, declared: [] });
  return lines.join();
}

/** What is found in files that hold these lines. */
async function check(files: Readonly<Record<string, readonly string[]>>) {
  async function* read(path: string) {
    for (const text of files[path] ?? []) {
      yield { bytes: new TextEncoder().encode(text), isEnded: true };
    }
  }
  const findings = await checkAuditFiles(Object.keys(files), { readLines: read });
  const { begun, open, problems } = findings;
  return { begun, open, problems: problems.map(formatProblem) };
}

const NOT_ENDED =
  "remote_shell on tesla for ann, begun at 1970-01-01T00:00:00.000Z, did not end: " +
  '{"command":"uptime"}';

Deno.test("checkAuditFiles() lists the calls that began and did not end", async () => {
  const a = [line("begin", "1"), line("begin", "2"), line("end", "1"), line("end", "3")];
  assert.deepEqual(await check({ a }), {
    begun: 2,
    open: 1,
    problems: [`a:2: warning: 2: ${NOT_ENDED}`],
  });
});

Deno.test("checkAuditFiles() finds the end of a call in a later file", async () => {
  const [a, b] = [[line("begin", "1"), line("begin", "2")], [line("end", "1")]];
  assert.deepEqual((await check({ a, b })).problems, [`a:2: warning: 2: ${NOT_ENDED}`]);
});

Deno.test("checkAuditFiles() passes over what is not of the audit trail, and reports what is damaged", async () => {
  const log = '2026-11-26T00:00:00Z INFO listening url="http://x"';
  const jsonLog = '{"time":"2026-11-26T00:00:00Z","level":"info","message":"listening"}';
  const [begun, ended] = [line("begin", "1"), line("end", "1")];
  const a = [log, begun.slice(0, -20), "", jsonLog, begun, begun.slice(20), ended];
  const broken = "is cut off or damaged, so it is not known which call it was about";
  assert.deepEqual((await check({ a })).problems, [
    `a:2: warning: ${broken}`,
    `a:6: warning: ${broken}`,
  ]);
});

Deno.test("checkAuditFiles() shows no forged line, and not more of a command than fits", async () => {
  const forged = `a\n\u001b[2J\u202e${"x".repeat(10_000)}`;
  const call = { tool: forged, args: { host: forged, command: forged }, deliveries: [] };
  const [problem = ""] = (await check({ a: [line("begin", "1", call)] })).problems;
  assert.match(problem, /^[^\p{Cc}\p{Cf}]+$/u);
  assert.ok(problem.length < 1_000, `${problem.length} characters`);
});

Deno.test("checkAuditFiles() reports a file that cannot be read as an error, and checks the others", async () => {
  // deno-lint-ignore require-yield
  async function* readLines(path: string): AsyncGenerator<RawLine> {
    await Promise.reject(new Error(`no ${path}`));
  }
  const { problems } = await checkAuditFiles(["a", "b"], { readLines });
  assert.deepEqual(problems.map(formatProblem), [
    "a: error: cannot be read: no a",
    "b: error: cannot be read: no b",
  ]);
});

Deno.test("checkAuditFiles() lists 20,000 calls that did not end, and counts the rest", async () => {
  const begun = line("begin", "id");
  const a = Array.from({ length: 30_000 }, (_, index) => begun.replace('"id"', `"${index}"`));
  const { begun: count, open, problems } = await check({ a });
  assert.deepEqual([count, open, problems.length], [30_000, 30_000, 20_000]);
});
