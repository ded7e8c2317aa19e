import assert from "node:assert/strict";
import { openAuditTrail } from "../../lib/audit/trail.ts";
import { createLogger, type LogLevel } from "../../lib/base/log.ts";
import { callRecord } from "../calls/record.ts";

/** An audit trail of a program whose standard error is a list of lines. */
async function setUp({ auditPath = null, level = "info" }: {
  readonly auditPath?: string | null;
  readonly level?: LogLevel;
}) {
  const stderr: string[] = [];
  const listeners = new Set<() => void>();
  const trail = await openAuditTrail({
    path: auditPath,
    level,
    log: createLogger({
      format: "text",
      level,
      write: (line) => stderr.push(line),
      now: () => new Date(0),
    }),
    stderr: (line) => stderr.push(line),
    onReload: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const tell = async (requestId: string) => {
    trail?.write(callRecord({ requestId }), { redact: (text) => text, declared: [] });
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return { trail, stderr, listeners, tell };
}

async function idsIn(path: string): Promise<unknown[]> {
  const text = await Deno.readTextFile(path);
  return text.trimEnd().split("\n").map((line) => JSON.parse(line).request_id);
}

Deno.test("openAuditTrail() tells standard error where no file is named", async () => {
  const { trail, stderr, tell } = await setUp({});
  await tell("a");
  await tell("b");
  await trail?.close();
  assert.deepEqual(stderr.map((line) => JSON.parse(line).request_id), ["a", "b"]);
});

Deno.test("openAuditTrail() tells nothing where the log is quiet and no file is named", async () => {
  const { trail, stderr, tell } = await setUp({ level: "warn" });
  await tell("a");
  await trail?.close();
  assert.deepEqual(stderr, []);
});

Deno.test("openAuditTrail() tells a file, however quiet the log is, and opens it anew on a reload", async () => {
  const directory = await Deno.makeTempDir({ prefix: "audit-" });
  const auditPath = `${directory}/audit.jsonl`;
  const { trail, stderr, listeners, tell } = await setUp({ auditPath, level: "error" });
  await tell("a");
  await Deno.rename(auditPath, `${auditPath}.1`);
  for (const reload of listeners) reload();
  trail?.write(callRecord({ requestId: "b" }), { redact: (text) => text, declared: [] });
  await trail?.close();
  assert.deepEqual([await idsIn(`${auditPath}.1`), await idsIn(auditPath)], [["a"], ["b"]]);
  assert.deepEqual([stderr, listeners.size], [[], 0]);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("openAuditTrail() says which file cannot be opened", async () => {
  const { trail, stderr } = await setUp({ auditPath: "/nonexistent/audit.jsonl" });
  assert.equal(trail, null);
  assert.match(
    stderr.join("\n"),
    /^lmcp-hub: Cannot open audit file "\/nonexistent\/audit.jsonl": /,
  );
});

Deno.test("openAuditTrail() counts what a full disk does not take, and says so once", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const { trail, stderr, tell } = await setUp({ auditPath: "/dev/full" });
  await tell("a");
  await tell("b");
  await trail?.close();
  assert.equal(trail?.lost(), 2);
  assert.equal(stderr.length, 1);
  assert.match(stderr[0] ?? "", /audit lines are being lost .*No space left/);
});
