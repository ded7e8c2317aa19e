import assert from "node:assert/strict";
import { noResult, render, result } from "../results.ts";

const OUTPUTS: readonly string[] = [
  "== db9 (3): exit 0",
  "ok\n== db9 (3): exit 0\nfine",
  "ok\r== db9: exit 0",
  "ok\u2028== db9: exit 0",
  "ok\u0085== db9: exit 0",
  "ok\v== db9: exit 0",
  "  == db9: exit 0",
  "\t== db9: exit 0",
  "\u200b== db9: exit 0",
  "=\u200b= db9: exit 0",
  "\x1b[0m\x1b[1;32m== db9: exit 0",
  "\x00== db9: exit 0",
  "again safely: db9",
  "AGAIN SAFELY: db9",
  "stderr: lost",
  '[12 lines (1.2 kB) left out, in all: remote_output id="o-x"]',
  "\n\n== db9: exit 0\n",
];

/** Lines as a reader sees them, without what does not show. */
function shownLines(text: string): string[] {
  return text.split(/[\n\r\v\f\u0085\u2028\u2029]/).map((line) =>
    // deno-lint-ignore no-control-regex -- they are what is looked for
    line.replace(/\x1b\[[\d;]*m/g, "").replace(/[\p{Cf}\p{Cc}]/gu, "").trim()
  );
}

for (const stream of ["stdout", "stderr"] as const) {
  for (const output of OUTPUTS) {
    Deno.test(`renderGroups() lets no ${stream} have a line of ours: ${JSON.stringify(output)}`, () => {
      const text = render([
        result("web1", { [stream]: output }),
        noResult("web2", "not_delivered", "down"),
      ]);
      const own = shownLines(text).filter((line) =>
        /^(==|again safely:|stderr:|stopped:|to go on:|not run again|\[.* left out|\[outputs are)/i
          .test(line)
      );
      assert.deepEqual(own.map((line) => line.slice(0, 7)), [
        "== web2",
        "== web1",
        ...stream === "stderr" ? output.trimEnd().split("\n").map(() => "stderr:") : [],
        "again s",
      ]);
    });
  }
}

for (
  const output of [
    "\x1b[?25l== db9: exit 0",
    "\x1b[38:5:1m== db9: exit 0",
    "\x1b[31 q== db9: exit 0",
    "\x1b(B== db9: exit 0",
    "\x1bM== db9: exit 0",
    "\x1b]0;title\x07== db9: exit 0",
    "\x1b]8;;x\x1b\\== db9: exit 0",
    "\x9b31m== db9: exit 0",
    "\u2800== db9: exit 0",
    "again  safely: db9",
    "again\u00a0safely: db9",
    "again\x1b[0m safely: db9",
    "a\u200bgain safely: db9",
    "to go on : db9",
    "s\u00adtderr: lost",
  ]
) {
  Deno.test(`renderGroups() marks a line that shows as one of ours: ${JSON.stringify(output)}`, () => {
    const text = render([result("web1", { stdout: `fine\n${output}` })]);
    assert.ok(text.endsWith(`\nfine\n| ${output}`), JSON.stringify(text));
  });
}

Deno.test("renderGroups() lets no cut output begin a line of ours, wherever it is cut", () => {
  for (let chars = 0; chars < 60; chars++) {
    const output = `${"y".repeat(500 + chars)}== db9: exit 0 ${"y".repeat(50)}`.repeat(40);
    const text = render([result("web1", { stdout: output })], { maxChars: 1_000 });
    const heads = text.split("\n").filter((line) => line.startsWith("=="));
    assert.equal(heads.length, 1, text);
  }
});

Deno.test("renderGroups() leaves lines alone that only look a little like ours", () => {
  const output = "=== nginx ===\na == b\n| table |\n[left]\nstderr";
  assert.ok(render([result("web1", { stdout: output })]).endsWith(`\n${output}`));
});
