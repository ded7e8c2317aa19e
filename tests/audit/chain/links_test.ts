import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { openChainLab } from "../chained.ts";

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The numbers of lines, and whether each has the hash of the one before. */
function linksOf(text: string): readonly unknown[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line, index) => {
    const { seq, previous } = JSON.parse(line);
    return [seq, previous === (index === 0 ? null : sha256(lines[index - 1] ?? ""))];
  });
}

Deno.test("AuditFile.append() links each line to the raw bytes of the one before", async () => {
  await using lab = await openChainLab();
  const file = await lab.start();
  await file.append('{"a":"ä\u{1f600}"}\n{"b":{}}\n');
  await file.append('{"c":[1]}\n');
  const text = await lab.read();
  assert.deepEqual(linksOf(text), [[1, true], [2, true], [3, true]]);
  const [first, second] = text.split("\n");
  assert.equal(first, '{"a":"ä\u{1f600}","seq":1,"previous":null}');
  assert.equal(second, `{"b":{},"seq":2,"previous":"${sha256(first ?? "")}"}`);
  assert.deepEqual(file.head(), { seq: 3, hash: sha256(text.split("\n")[2] ?? "") });
  assert.deepEqual(await lab.check(), []);
});

Deno.test("a chain goes on from the last line of the file when the hub is started again", async () => {
  await using lab = await openChainLab();
  await lab.write(3);
  await lab.start();
  await lab.write(2);
  assert.deepEqual(linksOf(await lab.read()).map((link) => String(link)), [
    "1,true",
    "2,true",
    "3,true",
    "4,true",
    "5,true",
  ]);
  assert.deepEqual(await lab.check(), []);
});

Deno.test("a chain goes on from a last line of many megabytes", async () => {
  await using lab = await openChainLab();
  const file = await lab.start();
  await file.append(`{"a":"${"x".repeat(3_000_000)}"}\n`);
  await lab.start();
  await lab.write(1);
  assert.deepEqual(await lab.check(), []);
  assert.match(await lab.read(), /"seq":2,"previous":"[0-9a-f]{64}"\}\n$/);
});

Deno.test("a chain begins behind lines without one, and holds the last of them", async () => {
  await using lab = await openChainLab();
  await lab.start({ isChained: false });
  await lab.write(3);
  await lab.start();
  await lab.write(2);
  assert.deepEqual(await lab.check(), []);
  await lab.tamper((lines) => lines.with(2, '{"time":"2026-11-27","what":"another"}'));
  assert.deepEqual(await lab.check(), [
    "audit:4: error: does not have the hash of the line before, which was changed or added",
  ]);
});

Deno.test("lines that were written while the chain was off are named", async () => {
  await using lab = await openChainLab();
  await lab.write(2);
  await lab.start({ isChained: false });
  await lab.write(2);
  await lab.start();
  await lab.write(1);
  const problem = "error: has no hash of the line before: it was added, or changed, or written " +
    "while LMCP_HUB_AUDIT_CHAIN was off";
  assert.deepEqual(await lab.check(), [`audit:3: ${problem}`, `audit:4: ${problem}`]);
});
