import assert from "node:assert/strict";
import { resolveTargets } from "../../../../lib/targets/expression.ts";
import type { HostResult } from "../../../../lib/targets/folding/host_result.ts";
import { createRandom } from "../../../../scripts/chaos/random.ts";
import { noResult, numbered, render, result } from "../results.ts";

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
