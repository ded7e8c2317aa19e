import assert from "node:assert/strict";
import type { ApprovalEvent } from "../../lib/approvals/gate.ts";
import { openAuditTrail } from "../../lib/audit/trail.ts";
import { createLogger, type LogLevel } from "../../lib/base/log.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { callRecord } from "../calls/record.ts";

const CONTEXT = { redact: (text: string) => text, declared: [] };

const REQUEST = {
  id: "k7m2p9qxhd",
  principal: "ann",
  tool: "remote_shell",
  digests: { arguments: "a", hosts: "h" },
  hosts: "host: web1",
  shown: "tool: remote_shell",
  signingKey: "key",
  askedAt: 0,
  expiresAt: 600_000,
};

/** An audit trail of a program whose standard error is a list of lines. */
async function setUp({ auditPath = null, isRequired = true, level = "info" }: {
  readonly auditPath?: string | null;
  readonly isRequired?: boolean;
  readonly level?: LogLevel;
}) {
  const stderr: string[] = [];
  const listeners = new Set<() => void>();
  const clock = createFakeClock();
  const trail = await openAuditTrail({
    path: auditPath,
    isRequired,
    level,
    log: createLogger({
      format: "text",
      level,
      write: (line) => stderr.push(line),
      now: () => new Date(0),
    }),
    stderr: (line) => stderr.push(line),
    clock,
    onReload: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const end = (requestId: string) => trail?.end(callRecord({ requestId }), CONTEXT);
  const begin = (requestId: string, readOnly = false) =>
    trail?.begin(callRecord({ requestId }), { ...CONTEXT, readOnly });
  return { trail, stderr, listeners, clock, begin, end };
}

async function linesIn(path: string): Promise<unknown[]> {
  return (await Deno.readTextFile(path)).trimEnd().split("\n").map(toFacts);
}

function toFacts(line: string): string {
  const { event, request_id } = JSON.parse(line);
  return `${event} ${request_id}`;
}

/** A path in a directory of its own. */
async function temporaryPath() {
  const directory = await Deno.makeTempDir({ prefix: "audit-" });
  return {
    path: `${directory}/audit.jsonl`,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

Deno.test("openAuditTrail() writes to standard error where no file is named, and nobody waits", async () => {
  const { trail, stderr, begin, end } = await setUp({});
  assert.equal(begin("a"), null);
  end("a");
  end("b");
  await trail?.close();
  assert.deepEqual(stderr.map(toFacts), ["begun a", "ended a", "ended b"]);
});

Deno.test("openAuditTrail() writes nothing where the log is quiet and no file is named", async () => {
  const { trail, stderr, begin, end } = await setUp({ level: "warn" });
  assert.equal(begin("a"), null);
  end("a");
  await trail?.close();
  assert.deepEqual(stderr, []);
});

Deno.test("openAuditTrail() writes to a file, however quiet the log is, and opens it again on a reload", async () => {
  await using file = await temporaryPath();
  const { trail, stderr, listeners, begin, end } = await setUp({
    auditPath: file.path,
    level: "error",
  });
  await begin("a");
  await Deno.rename(file.path, `${file.path}.1`);
  for (const reload of listeners) reload();
  end("b");
  await trail?.close();
  assert.deepEqual(await linesIn(`${file.path}.1`), ["begun a"]);
  assert.deepEqual(await linesIn(file.path), ["ended b"]);
  assert.deepEqual([stderr, listeners.size], [[], 0]);
});

Deno.test("AuditTrail.begin() resolves when the line of a call that changes something is in the file", async () => {
  await using file = await temporaryPath();
  const { trail, begin, end, clock } = await setUp({ auditPath: file.path });
  end("a");
  assert.equal(await begin("b"), null);
  assert.deepEqual(await linesIn(file.path), ["ended a", "begun b"]);
  await Promise.all([begin("c"), begin("d")]);
  assert.deepEqual(await linesIn(file.path), ["ended a", "begun b", "begun c", "begun d"]);
  assert.equal(begin("e", true), null);
  await trail?.close();
  assert.deepEqual((await linesIn(file.path)).at(-1), "begun e");
  assert.equal(clock.pending(), 0);
});

const UNWRITTEN = /^the audit trail of this hub cannot be written, so nothing was run: /;

for (const isRequired of [true, false]) {
  Deno.test(
    `AuditTrail.begin() waits five seconds for a file that takes no lines (required: ${isRequired})`,
    {
      ignore: Deno.build.os === "windows",
    },
    async () => {
      await using file = await temporaryPath();
      await new Deno.Command("mkfifo", { args: ["-m", "600", file.path] }).output();
      const reader = Deno.open(file.path);
      const { trail, stderr, begin, end, clock } = await setUp({
        auditPath: file.path,
        isRequired,
      });
      // More than a pipe holds.
      for (let call = 0; call < 1_000; call++) end("a".repeat(100));
      let isOver = false;
      const waiting = begin("b")?.finally(() => isOver = true);
      clock.advance(4_900);
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(isOver, false);
      clock.advance(200);
      const refusal = await waiting;
      if (isRequired) assert.match(refusal ?? "", UNWRITTEN);
      else assert.equal(refusal, null);
      assert.match(stderr.join(), /ERROR audit lines are not written in time/);
      const reading = new Response((await reader).readable).text();
      await trail?.close();
      assert.match(await reading, /"event":"begun","request_id":"b"/);
    },
  );
}

Deno.test(
  "AuditTrail.begin() refuses what changes something while the disk is full, and nothing else",
  {
    ignore: Deno.build.os !== "linux",
  },
  async () => {
    const { trail, begin } = await setUp({ auditPath: "/dev/full" });
    assert.match(await begin("a") ?? "", UNWRITTEN);
    assert.equal(begin("b", true), null);
    assert.match(await begin("c") ?? "", UNWRITTEN);
    await trail?.close();
    const lenient = await setUp({ auditPath: "/dev/full", isRequired: false });
    assert.equal(await lenient.begin("a"), null);
    await lenient.trail?.close();
  },
);

Deno.test("AuditTrail.begin() lets calls go on when the file can be written again", async () => {
  await using file = await temporaryPath();
  const { trail, begin, listeners } = await setUp({ auditPath: `${file.path}.d/audit` });
  assert.equal(trail, null);
  await Deno.mkdir(`${file.path}.d`);
  const mended = await setUp({ auditPath: `${file.path}.d/audit` });
  await Deno.rename(`${file.path}.d`, `${file.path}.e`);
  for (const reload of mended.listeners) reload();
  assert.match(await mended.begin("a") ?? "", UNWRITTEN);
  await Deno.mkdir(`${file.path}.d`);
  assert.equal(await mended.begin("b"), null);
  assert.deepEqual(await linesIn(`${file.path}.d/audit`), ["begun b"]);
  await mended.trail?.close();
  assert.deepEqual([begin("c"), listeners.size], [undefined, 0]);
});

Deno.test("AuditTrail.end() writes a thousand refused calls of a principal, then counts them", async () => {
  await using file = await temporaryPath();
  const { trail, clock } = await setUp({ auditPath: file.path });
  const refuse = (principal: string) =>
    trail?.end(callRecord({ principal, outcome: "refused", deliveries: [] }), CONTEXT);
  for (let call = 0; call < 3_000; call++) refuse("ann");
  trail?.end(callRecord({ principal: "ann" }), CONTEXT);
  refuse("ben");
  clock.advance(60_100);
  for (let call = 0; call < 100; call++) refuse("ann");
  await trail?.close();
  const lines = (await Deno.readTextFile(file.path)).trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  const kinds = Map.groupBy(
    lines,
    ({ event, outcome, principal, count }) =>
      [event, outcome, principal, count].filter((part) => part !== undefined).join(" "),
  );
  assert.deepEqual([...kinds].map(([kind, { length }]) => [kind, length]), [
    ["ended refused ann", 1_060],
    ["ended ok ann", 1],
    ["ended refused ben", 1],
    ["left_out ann 2000", 1],
    ["left_out ann 40", 1],
  ]);
});

Deno.test("AuditTrail.end() writes the end of every call that began, however many are refused", async () => {
  await using file = await temporaryPath();
  const { trail } = await setUp({ auditPath: file.path });
  for (let count = 0; count < 1_100; count++) {
    const call = callRecord({ outcome: "refused", deliveries: [] });
    trail?.begin(call, { ...CONTEXT, readOnly: true });
    trail?.end(call, CONTEXT);
  }
  await trail?.close();
  assert.equal((await linesIn(file.path)).length, 2_200);
});

Deno.test("AuditTrail.approval() writes what operators say, however much a client asks itself", async () => {
  await using file = await temporaryPath();
  const { trail } = await setUp({ auditPath: file.path });
  const note = (asked: "client" | "operator", kind: ApprovalEvent["kind"]) =>
    trail?.approval(
      { kind, request: { ...REQUEST, asked }, by: null, requestId: null },
      CONTEXT.redact,
    );
  for (let count = 0; count < 2_000; count++) note("client", "asked");
  for (const kind of ["asked", "denied", "expired"] as const) note("operator", kind);
  await trail?.close();
  const lines = (await Deno.readTextFile(file.path)).trimEnd().split("\n");
  const states = lines.filter((line) => line.includes('"asked":"operator"'))
    .map((line) => JSON.parse(line).state);
  assert.deepEqual(states, ["asked", "denied", "expired"]);
  assert.ok(lines.length < 1_100, `${lines.length}`);
});

Deno.test("openAuditTrail() says which file cannot be opened", async () => {
  const { trail, stderr } = await setUp({ auditPath: "/nonexistent/audit.jsonl" });
  assert.equal(trail, null);
  assert.match(
    stderr.join("\n"),
    /^lmcp-hub: Cannot open audit file "\/nonexistent\/audit.jsonl": there is no such directory$/,
  );
});

Deno.test("openAuditTrail() counts what a full disk does not take, and says so once", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const { trail, stderr, end, begin } = await setUp({ auditPath: "/dev/full" });
  end("a");
  await begin("b");
  end("c");
  await trail?.close();
  assert.equal(trail?.lost(), 3);
  assert.equal(stderr.length, 1);
  assert.match(stderr[0] ?? "", /audit lines are being lost .*No space left/);
});
