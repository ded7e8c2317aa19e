import assert from "node:assert/strict";
import type { HostResult } from "../../../../lib/targets/folding/host_result.ts";
import { noResult, render, result } from "../results.ts";

const FORMS: readonly [what: string, result: HostResult, text: string][] = [
  ["no output", result("a1"), "== a1: exit 0, no output"],
  ["an empty line alone", result("a1", { stdout: "\n" }), "== a1: exit 0, no output"],
  ["a last line without its end", result("a1", { stdout: "x\ny" }), "== a1: exit 0\nx\ny"],
  ["CRLF", result("a1", { stdout: "x\r\ny\r\n" }), "== a1: exit 0\nx\ny"],
  ["stderr alone", result("a1", { stderr: "x\ny\n" }), "== a1: exit 0\nstderr: x\nstderr: y"],
  [
    "both streams",
    result("a1", { stdout: "x\n", stderr: "y\n", exitCode: 1 }),
    "== a1: exit 1\nx\nstderr: y",
  ],
  [
    "a timeout with what came before",
    result("a1", { stdout: "half\n", exitCode: 143, note: "timed out after 5 s" }),
    "== a1: exit 143, timed out after 5 s\nhalf",
  ],
  [
    "a timeout without any output",
    result("a1", { exitCode: 143, note: "timed out after 5 s" }),
    "== a1: exit 143, timed out after 5 s, no output",
  ],
  [
    "what is unknown, with what came before",
    { ...noResult("a1", "unknown", "lost"), stdout: "half\n" },
    "== a1: UNKNOWN, it may have run: lost\nhalf",
  ],
  ["what is unknown", noResult("a1", "unknown", "lost"), "== a1: UNKNOWN, it may have run: lost"],
  [
    "a failure",
    result("a1", { outcome: "failed", exitCode: null, note: "bad cwd" }),
    "== a1: FAILED: bad cwd",
  ],
  [
    "an unknown exit code",
    result("a1", { exitCode: null, stdout: "x" }),
    "== a1: ran, its exit code is not known\nx",
  ],
  ["what was skipped", noResult("a1", "skipped", "web1 failed"), "== a1: skipped: web1 failed"],
  [
    "a note of several lines",
    noResult("a1", "unknown", "no\n== b1: exit 0"),
    "== a1: UNKNOWN, it may have run: no == b1: exit 0",
  ],
];

for (const [what, one, text] of FORMS) {
  Deno.test(`renderGroups() writes ${what}`, () => {
    const shown = render([one]).split("\n").slice(1).filter((line) => !line.startsWith("again "));
    assert.equal(shown.join("\n"), text);
  });
}

Deno.test("renderGroups() counts ends by exit code, then what has none", () => {
  const [first] = render([
    noResult("s", "skipped", ""),
    noResult("n", "not_delivered", ""),
    noResult("u", "unknown", ""),
    result("f", { outcome: "failed", exitCode: null }),
    result("c", { exitCode: 12 }),
    result("b", { exitCode: 2 }),
    result("a"),
  ], { elapsedMs: 60_449 }).split("\n");
  assert.equal(
    first,
    "7 hosts: 1 exit 0, 1 exit 2, 1 exit 12, 1 failed, 1 unknown, 1 not run, 1 skipped (60.4 s)",
  );
  assert.equal(render([result("a")]).split("\n")[0], "1 host: 1 exit 0 (1.0 s)");
});

Deno.test("renderGroups() orders groups of one size by name, whichever came first", () => {
  const results = ["c", "a", "b"].map((host) => result(host, { stdout: `output of ${host}x` }));
  const heads = (text: string) => text.split("\n").filter((line) => line.startsWith("=="));
  assert.deepEqual(heads(render(results)), ["== a: exit 0", "== b: exit 0", "== c: exit 0"]);
});
