import assert from "node:assert/strict";
import { helpOf } from "../../lib/cli/help.ts";
import { renderManPage } from "../../scripts/share/man_page.ts";
import { run, testWith, writeShared } from "./shared_files.ts";

testWith("man", "man renders the manual pages without a warning, whole", async () => {
  await using shared = await writeShared();
  for (const role of ["hub", "agent"] as const) {
    const page = `${shared.directory}/man/man1/lmcp-${role}.1`;
    const { code, stdout, stderr } = await run("man", ["--warnings", "-E", "UTF-8", "-l", page]);
    assert.deepEqual([code, stderr], [0, ""]);
    // Words are parted and put apart.
    const letters = stdout.replace(/[\s\u2010]/g, "");
    const { options, variables, exitStatuses } = helpOf(role);
    for (const [left, right] of [...options, ...variables, ...exitStatuses]) {
      for (const text of [left, right]) assert.ok(letters.includes(text.replace(/\s/g, "")), text);
    }
  }
});

testWith("mandoc", "mandoc finds nothing wrong in the manual pages", async () => {
  await using shared = await writeShared();
  for (const role of ["hub", "agent"] as const) {
    const page = `${shared.directory}/man/man1/lmcp-${role}.1`;
    const { stdout } = await run("mandoc", ["-T", "lint", "-W", "warning", page]);
    assert.equal(stdout, "");
  }
});

Deno.test("a manual page has what roff would read as a request or an escape", () => {
  const page = renderManPage("hub", { version: "1.2.3", date: new Date(0) });
  assert.match(page, /^\.TH LMCP-HUB 1 1970-01-01 "lmcp-hub 1\.2\.3" "User Commands"$/m);
  assert.match(page, /^lmcp\\-hub \\- one MCP endpoint/m);
  assert.doesNotMatch(page, /^'/m);
});
