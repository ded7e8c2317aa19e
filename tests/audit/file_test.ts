import assert from "node:assert/strict";
import { type AuditFile, openAuditFile } from "../../lib/audit/file.ts";

/** An audit file in a directory of its own, and a clock to move. */
async function setUp() {
  const directory = await Deno.makeTempDir({ prefix: "audit-" });
  const path = `${directory}/audit.jsonl`;
  const clock = { now: 0 };
  const file: AuditFile = await openAuditFile(path, { now: () => clock.now });
  return {
    path,
    directory,
    clock,
    file,
    read: () => Deno.readTextFile(path),
    [Symbol.asyncDispose]: async () => {
      file.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

Deno.test("openAuditFile() makes the file for its owner alone", async () => {
  await using audit = await setUp();
  assert.equal((await Deno.stat(audit.path)).mode, 0o100600);
});

Deno.test("openAuditFile() appends to what is there", async () => {
  await using audit = await setUp();
  await audit.file.append("a\n");
  const again = await openAuditFile(audit.path, { now: () => 0 });
  await again.append("b\n");
  again.close();
  await audit.file.append("c\n");
  assert.equal(await audit.read(), "a\nb\nc\n");
});

Deno.test("openAuditFile() rejects a file that others may change, also when it opens it again", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using audit = await setUp();
  await Deno.chmod(audit.path, 0o620);
  const fault = /^it can be changed by its group \(mode 0620\): chmod go-w .*audit\.jsonl$/;
  const isFault = ({ message }: Error) => fault.test(message);
  await assert.rejects(openAuditFile(audit.path, { now: () => 0 }), isFault);
  audit.file.reopen();
  await assert.rejects(audit.file.append("a\n"), isFault);
  await Deno.chmod(audit.path, 0o600);
  await audit.file.append("b\n");
  assert.equal(await audit.read(), "b\n");
});

Deno.test("openAuditFile() does not wait for somebody to read from a pipe", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const directory = await Deno.makeTempDir({ prefix: "audit-" });
  const path = `${directory}/pipe`;
  await new Deno.Command("mkfifo", { args: ["-m", "600", path] }).output();
  const unread = { message: "it is a pipe that nobody reads from: start what reads it first" };
  await assert.rejects(openAuditFile(path, { now: () => 0, readerWaitMs: 0 }), unread);
  const reader = new Deno.Command("cat", { args: [path], stdout: "piped" }).spawn();
  const file = await openAuditFile(path, { now: () => 0 });
  await file.append("a\n");
  file.close();
  assert.equal(new TextDecoder().decode((await reader.output()).stdout), "a\n");
  const noFile = { message: "it is not a file, and only one can have hashes of its lines" };
  await assert.rejects(openAuditFile(path, { now: () => 0, isChained: true }), noFile);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("openAuditFile() rejects where the file cannot be made", async () => {
  await assert.rejects(
    openAuditFile("/nonexistent/audit.jsonl", { now: () => 0 }),
    Deno.errors.NotFound,
  );
});

Deno.test("AuditFile.reopen() lets the next line go to a new file", async () => {
  await using audit = await setUp();
  await audit.file.append("a\n");
  await Deno.rename(audit.path, `${audit.path}.1`);
  await audit.file.append("b\n");
  audit.file.reopen();
  await audit.file.append("c\n");
  assert.equal(await Deno.readTextFile(`${audit.path}.1`), "a\nb\n");
  assert.equal(await audit.read(), "c\n");
});

Deno.test("AuditFile.append() notices within a second that its file is gone", async () => {
  await using audit = await setUp();
  await Deno.remove(audit.path);
  audit.clock.now = 1_000;
  await audit.file.append("a\n");
  assert.equal(await audit.read(), "a\n");
  assert.equal((await Deno.stat(audit.path)).mode, 0o100600);
});

Deno.test("AuditFile.append() rejects while the directory is gone, and goes on when it is back", async () => {
  await using audit = await setUp();
  await Deno.remove(audit.directory, { recursive: true });
  audit.clock.now = 1_000;
  await assert.rejects(audit.file.append("a\n"), Deno.errors.NotFound);
  await assert.rejects(audit.file.append("b\n"), Deno.errors.NotFound);
  await Deno.mkdir(audit.directory);
  await audit.file.append("c\n");
  assert.equal(await audit.read(), "c\n");
});

Deno.test("AuditFile.append() rejects on a full disk", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const file = await openAuditFile("/dev/full", { now: () => 0 });
  await assert.rejects(file.append("a\n"), /No space left/);
  file.close();
});
