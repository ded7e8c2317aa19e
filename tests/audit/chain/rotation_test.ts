import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { openAuditFile } from "../../../lib/audit/file.ts";
import { openChainLab } from "../chained.ts";

const CAN_LOCK = "tryLock" in Deno.FsFile.prototype;

Deno.test("a chain crosses rotation by rename, noticed or asked for, and by copytruncate", async () => {
  await using lab = await openChainLab();
  const file = await lab.start();
  await lab.write(2);
  await Deno.rename(lab.path, `${lab.path}.3`);
  await lab.write(2);
  file.reopen();
  await Deno.rename(lab.path, `${lab.path}.2`);
  await lab.write(2);
  await Deno.copyFile(lab.path, `${lab.path}.1`);
  await Deno.truncate(lab.path, 0);
  await lab.write(2);
  assert.deepEqual(await lab.check([".3", ".2", ".1", ""]), []);
  assert.deepEqual(await lab.check([".2", ".1"]), [], "a part of it is checked as far as it goes");
  assert.match((await lab.check([".3", ".1", ""])).join(), /lines number 3 to 4 are missing/);
  assert.match((await lab.check([".3", "", ".1"])).join(), /lines number 3 to 6 are missing/);
  assert.match((await lab.check(["", ".1"])).join(), /:1: .* name the files in their order/);
});

Deno.test("a chain goes on in an empty file behind the rotated one when the hub is started again", async () => {
  for (const suffix of [".1", "-20261127"]) {
    await using lab = await openChainLab();
    await lab.write(3);
    await Deno.copyFile(lab.path, `${lab.path}.old`);
    await lab.write(3);
    await Deno.rename(lab.path, lab.path + suffix);
    await Deno.writeTextFile(`${lab.path}.gz`, "x");
    await lab.start();
    await lab.write(1);
    assert.deepEqual(await lab.check([suffix, ""]), []);
    assert.match(await lab.read(), /"seq":7,/);
  }
});

Deno.test("a chain goes on behind a rotated file that has kept its ending", async () => {
  for (const name of ["audit-20261127.jsonl", "audit.1.jsonl"]) {
    await using lab = await openChainLab();
    const rotated = join(dirname(lab.path), name);
    await lab.write(3);
    await Deno.copyFile(lab.path, join(dirname(lab.path), "audit-eu.jsonl"));
    await lab.write(3);
    await Deno.rename(lab.path, rotated);
    await lab.start();
    await lab.write(1);
    assert.match(await lab.read(), /"seq":7,/, name);
  }
});

Deno.test("a chain does not go on behind the file of another hub beside it", async () => {
  await using lab = await openChainLab();
  await lab.write(3);
  await Deno.rename(lab.path, join(dirname(lab.path), "audit-eu.jsonl"));
  await lab.start();
  await lab.write(1);
  assert.match(await lab.read(), /"seq":1,"previous":null/);
});

Deno.test("files in a wrong order are named as that, also if a chain begins in one", async () => {
  await using lab = await openChainLab();
  await lab.write(3);
  await Deno.rename(lab.path, `${lab.path}.1`);
  await lab.write(2);
  assert.deepEqual(await lab.check(["", ".1"]), [
    "audit.1:1: error: a new chain begins here: whether lines are missing before it is not known " +
    "(or the files are not named in their order, oldest first)",
  ]);
});

Deno.test(
  "a second hub on the same file of a chain is refused, also when the first rotates to it",
  {
    ignore: !CAN_LOCK,
  },
  async () => {
    await using lab = await openChainLab();
    const refused =
      /another hub writes to it: with LMCP_HUB_AUDIT_CHAIN each needs a file of its own/;
    await assert.rejects(openAuditFile(lab.path, { now: () => 0, isChained: true }), refused);
    await Deno.rename(lab.path, `${lab.path}.1`);
    const other = await openAuditFile(lab.path, { now: () => 0, isChained: true });
    await assert.rejects(lab.write(1), refused);
    other.close();
    await lab.write(1);
  },
);
