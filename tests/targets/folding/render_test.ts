import assert from "node:assert/strict";
import { resolveTargets } from "../../../lib/targets/expression.ts";
import type { HostResult } from "../../../lib/targets/folding/host_result.ts";
import { createRandom } from "../../../scripts/chaos/random.ts";
import { noResult, numbered, render, result } from "./results.ts";

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

/** The hosts in the head lines of a text. */
function hostsIn(text: string, all: readonly string[]): string[] {
  const visible = all.map((name) => ({ name, tags: [] }));
  return text.split("\n").flatMap((line) => {
    const [, expression] = /^== ([^:]*?)(?: \(\d+\))?: /.exec(line) ?? [];
    if (expression === undefined) return [];
    const resolved = resolveTargets(expression, { all: visible, groups: new Map() });
    assert.equal(resolved.kind, "targets", line);
    return resolved.kind === "targets" ? resolved.targets.map(({ name }) => name) : [];
  });
}

Deno.test("renderGroups() of random results has each host in one group, and no more characters than it may", () => {
  const random = createRandom(5);
  const below = (most: number) => Math.floor(random.next() * most);
  const lines = ["ok", "== web1: exit 0", "stderr: x", "", "y".repeat(300), "web1 is up", "a\rb"];
  for (let round = 0; round < 300; round++) {
    const outputs = Array.from(
      { length: 1 + below(40) },
      () => Array.from({ length: below(2) * below(60) }, () => random.pick(lines)).join("\n"),
    );
    const names = numbered(random.pick(["web", "db"]), 1 + below(60));
    const results = names.map((host): HostResult => ({
      ...result(host),
      outcome: random.pick(["ok", "ok", "ok", "failed", "unknown", "not_delivered", "skipped"]),
      exitCode: random.pick([0, 0, 0, 1, 2, null]),
      stdout: random.pick(outputs),
      stderr: random.pick(["", "", random.pick(outputs)]),
    }));
    const maxChars = 1_000 + below(9_000);
    const text = render(results, { maxChars });
    assert.ok(text.length <= maxChars, `${text.length} for ${maxChars}:\n${text}`);
    const heads = text.split("\n").filter((line) => line.startsWith("=="));
    const counts = heads.map((head) => Number(/^[^:]*\((\d+)\): /.exec(head)?.[1] ?? 1));
    assert.equal(counts.reduce((sum, count) => sum + count, 0), names.length, text);
    if (!text.includes(" more (")) assert.deepEqual(hostsIn(text, names).toSorted(), names, text);
    const whole = render(results);
    if (whole.length <= maxChars) assert.equal(text, whole);
  }
});

Deno.test("renderGroups() leaves a head line to each of 500 groups, and shares the rest", () => {
  const names = numbered("web", 500);
  const results = names.map((host, at) =>
    result(host, { stdout: `${at} ${"out ".repeat(at % 100)}` })
  );
  const text = render(results, { maxChars: 30_000 });
  assert.ok(text.length <= 30_000, String(text.length));
  assert.ok(text.length > 20_000, String(text.length));
  assert.deepEqual(hostsIn(text, names), names);
});

Deno.test("renderGroups() folds head lines that have no room, and no host is lost", () => {
  const names = [...numbered("web", 500), ...numbered("db", 500)];
  const results = names.map((host, at) =>
    result(host, { stdout: `${at} out`, exitCode: host.startsWith("db") ? 1 : 0 })
  );
  for (const maxChars of [1_000, 3_000, 10_000]) {
    const text = render(results, { maxChars });
    assert.ok(text.length <= maxChars, `${text.length} for ${maxChars}`);
    assert.deepEqual(hostsIn(text, names).toSorted(), names.toSorted());
    assert.match(text, /\n== web\[001-500\] \(500\): exit 0, 500 different results left out/);
  }
});

Deno.test("renderGroups() counts the hosts whose names have no room", () => {
  const names = numbered("host", 1_000).map((name, at) =>
    `${name}-${(at * 7919 % 1000).toString(36)}x`
  );
  const text = render(names.map((host) => result(host, { stdout: "same" })), { maxChars: 2_000 });
  assert.ok(text.length <= 2_000, String(text.length));
  assert.match(text, /\n== \S+( \S+)+ and \d+ more \(1000\): exit 0\nsame$/);
});

Deno.test("renderGroups() shows the output of failures first", () => {
  const long = (word: string) => numbered(word, 2_000).join("\n");
  const text = render([
    ...numbered("web", 30).map((host) => result(host, { stdout: long("fine") })),
    result("bad", { exitCode: 1, stderr: long("broken") }),
  ], { maxChars: 4_000 });
  assert.ok(text.length <= 4_000);
  const count = (word: RegExp) => text.match(word)?.length ?? 0;
  assert.ok(count(/broken/g) > 1.4 * count(/fine/g), text);
  assert.ok(count(/fine/g) > 20, text);
  assert.equal(count(/\[[\d,]+ lines \(\d+\.\d kB\) left out\]/g), 2);
});

Deno.test("renderGroups() is as long for 1,000 hosts with one answer as for one host, almost", () => {
  const output = numbered("package", 30).join("\n");
  const one = render([result("web0001", { stdout: output })]);
  const all = render(numbered("web", 1_000).map((host) => result(host, { stdout: output })));
  assert.ok(all.length < 1.1 * one.length, `${all.length} and ${one.length}`);
});

Deno.test("renderGroups() puts 500 hosts that are dead in four ways into under 4,000 characters", () => {
  const ways = [
    "lmcp: connect: timeout",
    "lmcp: refused",
    "ssh: no route to host",
    "ssh: no such name",
  ];
  const names = numbered("web", 1_000);
  const text = render(
    names.map((host, at) =>
      at % 2 === 0
        ? result(host, { stdout: "ok\n" })
        : noResult(host, "not_delivered", `${host}: ${ways[at % 8 >> 1]}`)
    ),
    { maxChars: 4_000 },
  );
  assert.ok(text.length < 4_000, String(text.length));
  assert.match(text, /^1000 hosts: 500 exit 0, 500 not run \(1\.0 s\)\n/);
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

Deno.test("renderGroups() compares 1,000 outputs to a long one without splitting that each time", () => {
  const long = ["b1", "b2"].map((host) => result(host, { stdout: "x\n".repeat(500_000) }));
  const short = numbered("h", 1_000).map((host) => result(host, { stdout: `of ${host.slice(1)}` }));
  const results = [...long, ...short];
  const startedAt = performance.now();
  const text = render(results, { maxChars: 4_000 });
  assert.ok(performance.now() - startedAt < 2_000);
  assert.ok(text.length <= 4_000);
});
