import assert from "node:assert/strict";
import { numbered, render, result } from "../results.ts";
import { assertCheap } from "../../../assert_cheap.ts";

Deno.test("renderGroups() shows one line that differs as a diff, in long outputs and short ones", () => {
  const long = Array.from({ length: 40 }, (_, at) => `setting${at} = on`);
  const text = render([
    ...numbered("web", 3).map((host) => result(host, { stdout: long.join("\n") })),
    result("db1", { stdout: long.with(20, "setting20 = off").join("\n") }),
  ]);
  assert.ok(text.endsWith(
    "\n== db1: exit 0, diff to above\n-setting20 = on\n+setting20 = off",
  ));
  assert.equal(text.match(/setting19/g)?.length, 1);
});

Deno.test("renderGroups() says where outputs differ that are the same text", () => {
  const stdout = "caf\ufffd\nmenu";
  const text = render([
    ...["a1", "a2"].map((host) => result(host, { stdout, bytesDigest: "1" })),
    result("b1", { stdout, bytesDigest: "2" }),
    result("c1", { stdout, bytesDigest: "1", note: "ended by its timeout" }),
  ]);
  assert.equal(
    text.split("\n").slice(1).join("\n"),
    `== a[1-2] (2): exit 0
${stdout}
== b1: exit 0, other bytes with the same text as above
== c1: exit 0, ended by its timeout, same text as above`,
  );
});

Deno.test("renderGroups() shows short outputs as they are where no output is that of most hosts", () => {
  const text = render(
    numbered("h", 4).map((host, at) => result(host, { stdout: `up ${at} days` })),
  );
  assert.doesNotMatch(text, /diff/);
  assert.match(text, /== h3: exit 0\nup 2 days\n/);
});

Deno.test("renderGroups() shows a diff of failures to failures alone, over both streams", () => {
  const out = numbered("line", 30).join("\n");
  const text = render([
    ...numbered("bad", 2).map((host) => result(host, { exitCode: 1, stdout: out, stderr: "e1" })),
    result("other", { exitCode: 2, stdout: out, stderr: "e2" }),
    result("good", { stdout: out }),
  ]);
  assert.match(text, /\n== other: exit 2, diff to above\n-stderr: e1\n\+stderr: e2\n/);
  assert.match(text, /\n== good: exit 0\nline01\n/);
});

Deno.test("renderGroups() says of no output that its bytes are others where they are not", () => {
  const lines = render([result("a1", { stdout: "ok" }), result("ok", { stdout: "ok" })]).split(
    "\n",
  );
  assert.deepEqual(lines.slice(1), [
    "== a1: exit 0",
    "ok",
    "== ok: exit 0, same text as above",
  ]);
  const own = ["a2", "a3"].map((host) => result(host, { stdout: `x ${host}` }));
  const text = render([...own, result("a1", { stdout: "x {host}" })]);
  assert.match(text, /^== a1: exit 0, other bytes with the same text as above$/m);
});

Deno.test("renderGroups() compares 1,000 outputs to a long one without splitting that each time", async () => {
  const long = ["b1", "b2"].map((host) => result(host, { stdout: "x\n".repeat(500_000) }));
  const short = numbered("h", 1_000).map((host) => result(host, { stdout: `of ${host.slice(1)}` }));
  const results = [...long, ...short];
  await assertCheap(2_000, () => assert.ok(render(results, { maxChars: 4_000 }).length <= 4_000));
});
