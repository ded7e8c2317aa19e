import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const TESTS = fileURLToPath(new URL("..", import.meta.url));

Deno.test("security: every test that the table of cases names is there", async () => {
  const table = await Deno.readTextFile(`${TESTS}/security/README.md`);
  const rows = table.split("\n").filter((line) => line.startsWith("| ")).slice(2);
  assert.ok(rows.length > 40);
  for (const row of rows) {
    const [, , files = "", names = ""] = row.split("|");
    const texts = await Promise.all(quoted(files).map((file) => Deno.readTextFile(TESTS + file)));
    assert.ok(texts.length > 0, row);
    for (const name of quoted(names)) {
      assert.ok(texts.some((text) => text.includes(name)), `no test "${name}": ${row}`);
    }
  }
});

/** What stands between backquotes. */
function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, text]) => text ?? []);
}
