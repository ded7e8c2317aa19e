import assert from "node:assert/strict";
import { Folding } from "../../../lib/targets/folding/fold.ts";
import type { HostResult } from "../../../lib/targets/folding/host_result.ts";
import { renderGroups } from "../../../lib/targets/folding/render.ts";
import { fold, render, result } from "./nginx_results.ts";

const SAME: Readonly<Record<string, readonly [Partial<HostResult>, Partial<HostResult>]>> = {
  "the same output": [{}, {}],
  "a last line that has no end": [{ stdout: "x\n" }, { stdout: "x" }],
  "CRLF": [{ stdout: "x\r\ny\r\n" }, { stdout: "x\ny\n" }],
  "their own names": [{ stdout: "I am a\n" }, { stdout: "I am b\n" }],
  "their own names before a domain": [{ stdout: "a.example.com" }, { stdout: "b.example.com" }],
  "their own names in brackets": [{ stderr: "[a] (a): a," }, { stderr: "[b] (b): b," }],
  "their own addresses": [
    { stdout: "inet 10.0.0.1/24", aliases: ["10.0.0.1"] },
    { stdout: "inet 10.0.0.12/24", aliases: ["10.0.0.12"] },
  ],
  "their own names at the end of a sentence": [{ stdout: "on a." }, { stdout: "on b." }],
  "their own IPv6 addresses": [
    { stdout: "[fe80::1]:22", aliases: ["fe80::1"] },
    { stdout: "[fe80::2]:22", aliases: ["fe80::2"] },
  ],
  "their own names in why they did not run": [
    { outcome: "not_delivered", note: "ssh: no such host a" },
    { outcome: "not_delivered", note: "ssh: no such host b" },
  ],
};

for (const [what, [one, other]] of Object.entries(SAME)) {
  Deno.test(`results that differ by nothing but ${what} are one group`, () => {
    const groups = fold([result("a", one), result("b", other)]).groups();
    assert.deepEqual(groups.map(({ hosts }) => hosts), [["a", "b"]]);
  });
}

const DIFFERENT: Readonly<Record<string, readonly [Partial<HostResult>, Partial<HostResult>]>> = {
  "output": [{ stdout: "x" }, { stdout: "y" }],
  "an empty line": [{ stdout: "x\n\n" }, { stdout: "x\n" }],
  "the stream": [{ stdout: "x", stderr: "" }, { stdout: "", stderr: "x" }],
  "the exit code": [{ exitCode: 0 }, { exitCode: 1 }],
  "the outcome": [{ outcome: "unknown" }, { outcome: "not_delivered" }],
  "bytes that look alike as text": [
    { stdout: "\ufffd", bytesDigest: "1" },
    { stdout: "\ufffd", bytesDigest: "2" },
  ],
  "the name as a part of a word": [{ stdout: "data" }, { stdout: "dbtb" }],
  "the name before a hyphen": [{ stdout: "a-1" }, { stdout: "b-1" }],
  "a line feed and a carriage return": [{ stdout: "x\ny" }, { stdout: "x\ry" }],
  "blanks at the end of a line": [{ stdout: "x \ny" }, { stdout: "x\ny" }],
  "where one stream ends": [{ stdout: "xy", stderr: "z" }, { stdout: "x", stderr: "yz" }],
  "an exit code that is not known": [{ exitCode: null }, {}],
  "halves of surrogate pairs": [{ stdout: "\ud800" }, { stdout: "\ud801" }],
  "one character far inside": [
    { stdout: `${"x".repeat(3_000_000)}y${"x".repeat(3_000_000)}` },
    { stdout: `${"x".repeat(3_000_000)}z${"x".repeat(3_000_000)}` },
  ],
  "the name in a version": [{ stdout: "a.2" }, { stdout: "b.2" }],
  "numbers that are names, too": [
    { stdout: "1 file", aliases: ["1"] },
    { stdout: "2 file", aliases: ["2"] },
  ],
  "the name behind a dot": [{ stdout: "x.a" }, { stdout: "x.b" }],
  "the beginning of an address": [
    { stdout: "10.0.0.1.5", aliases: ["10.0.0.1"] },
    { stdout: "10.0.0.2.5", aliases: ["10.0.0.2"] },
  ],
  "whose name it is": [{ stdout: "a" }, { stdout: "a" }],
  "a name, and what is written in its place": [{ stdout: "a" }, { stdout: "{host}" }],
  "that one timed out": [{ exitCode: 143, note: "timed out after 1 s" }, { exitCode: 143 }],
};

for (const [what, [one, other]] of Object.entries(DIFFERENT)) {
  Deno.test(`results that differ by ${what} are two groups`, () => {
    assert.equal(fold([result("a", one), result("b", other)]).groups().length, 2);
  });
}

Deno.test("a host alone is shown with its own name, several with {host}", () => {
  assert.match(render([result("a", { stdout: "I am a" })]), /\nI am a$/);
  const both = render(["a", "b"].map((host) => result(host, { stdout: `I am ${host}\n` })));
  assert.match(both, /\nI am \{host\}$/);
});

Deno.test("a host whose name is what all hosts print is one of them", () => {
  const printed = { stdout: "ok\n" };
  for (const hosts of [["ok", "a1", "a2"], ["a1", "ok", "a2"], ["a1", "a2", "ok"]]) {
    const groups = fold(hosts.map((host) => result(host, printed))).groups();
    assert.deepEqual(groups.map(({ hosts, stdout }) => [hosts, stdout]), [
      [["a1", "a2", "ok"], "ok"],
    ]);
  }
});

Deno.test("where several hosts print their names, what they print is not what others print", () => {
  const groups = fold([
    ...["a1", "a2"].map((host) => result(host, { stdout: "ok" })),
    ...["ok", "web1"].map((host) => result(host, { stdout: host })),
  ]).groups();
  assert.deepEqual(groups.map(({ hosts, stdout }) => [hosts, stdout]), [
    [["a1", "a2"], "ok"],
    [["ok", "web1"], "{host}"],
  ]);
});

Deno.test("a name stays where a text has it too often to be replaced in no time", () => {
  const printed = (host: string, times: number) =>
    result(host, { stdout: `${host} `.repeat(times) });
  const count = (times: number) =>
    fold(["a", "b"].map((host) => printed(host, times))).groups().length;
  assert.deepEqual([count(100_000), count(100_001)], [1, 2]);
  const [group] = fold(["a", "b"].map((host) => result(host, printed("a", 100_001)))).groups();
  assert.match(group?.stdout ?? "", /^a a /);
});

Deno.test("braces that an output has by itself are no places of names", () => {
  const pairs = [["{host} {{host}", "web1 {host}"], ["web1 {", "web1 {{"], ["{web1", "{{host}"]];
  for (const [one = "", other = ""] of pairs) {
    const groups = fold([result("db1", { stdout: one }), result("web1", { stdout: other })])
      .groups();
    assert.equal(groups.length, 2, JSON.stringify([one, other]));
  }
});

Deno.test("what is shown before each line of stderr counts, too", () => {
  const folding = new Folding();
  for (let at = 0; at < 100; at++) {
    folding.add(result(`h${at}`, { stderr: `${at}${"\n".repeat(400_000)}x` }));
  }
  const text = renderGroups(folding.groups(), { elapsedMs: 0, maxChars: 0 });
  assert.ok(text.length < 17 * 1024 * 1024, String(text.length));
});
