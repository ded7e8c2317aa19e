import assert from "node:assert/strict";
import { findAppendFault } from "../../lib/audit/append_fault.ts";
import { FORBIDDEN_BY_BINARY } from "../../lib/base/files/write_failure.ts";

Deno.test("findAppendFault() finds nothing where a file can be made, or is, and makes none", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const path = `${directory}/audit.jsonl`;
    assert.equal(await findAppendFault(path), null);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(directory)), []);
    await Deno.writeTextFile(path, "");
    assert.equal(await findAppendFault(path), null);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("findAppendFault() says that there is a directory in its place, or none above it", async () => {
  assert.equal(await findAppendFault("/tmp"), "it is a directory");
  assert.equal(await findAppendFault("/nonexistent/audit.jsonl"), "there is no such directory");
});

Deno.test("findAppendFault() names the folders that the hub's own permissions allow", {
  permissions: { read: true, sys: true, write: ["/var/log/lmcp-hub"] },
}, async () => {
  assert.equal(await findAppendFault("/root/audit.jsonl"), FORBIDDEN_BY_BINARY);
  assert.equal(
    FORBIDDEN_BY_BINARY,
    "the program itself may not write there, only below " +
      "/run/lmcp-hub, /tmp/lmcp-hub, /var/lib/lmcp-hub, /var/log/lmcp-hub",
  );
});
