import assert from "node:assert/strict";
import { Folding } from "../../../lib/targets/folding/fold.ts";
import type { HostResult } from "../../../lib/targets/folding/host_result.ts";
import { renderGroups } from "../../../lib/targets/folding/render.ts";

/** A command that wrote a line, unless it is said otherwise. */
function result(host: string, rest: Partial<HostResult> = {}): HostResult {
  return {
    host,
    aliases: [],
    outcome: "ok",
    exitCode: 0,
    stdout: "nginx/1.24.0\n",
    stderr: "",
    bytesDigest: null,
    note: null,
    ...rest,
  };
}

function fold(results: readonly HostResult[]): Folding {
  const folding = new Folding();
  for (const one of results) folding.add(one);
  return folding;
}

function render(results: readonly HostResult[], maxChars = 0): string {
  return renderGroups(fold(results).groups(), { elapsedMs: 2_300, maxChars });
}

function hosts(prefix: string, first: number, last: number): string[] {
  return Array.from(
    { length: last - first + 1 },
    (_, at) => prefix + String(first + at).padStart(2, "0"),
  );
}

Deno.test("folded results: failures first, then the largest group; what can be run again safely is last", () => {
  const text = render([
    ...hosts("web", 1, 18).map((host) =>
      host === "web07"
        ? result(host, { exitCode: 1, stdout: "", stderr: "nginx: not found\n" })
        : result(host)
    ),
    result("web19", { exitCode: 1, stdout: "", stderr: "nginx: not found\n" }),
    result("web20", { stdout: "nginx/1.22.1\n" }),
    ...["db1", "db3", "db4"].map((host) => result(host, { stdout: "" })),
    result("db2", {
      outcome: "not_delivered",
      exitCode: null,
      stdout: "",
      note: "lmcp: connect: timeout | ssh: no host configured",
    }),
  ]);
  assert.equal(
    text,
    `24 hosts: 21 exit 0, 2 exit 1, 1 not run (2.3 s)
== db2: NOT RUN: lmcp: connect: timeout | ssh: no host configured
== web[07,19] (2): exit 1
stderr: nginx: not found
== web[01-06,08-18] (17): exit 0
nginx/1.24.0
== web20: exit 0, diff to above
-nginx/1.24.0
+nginx/1.22.1
== db[1,3-4] (3): exit 0, no output
again safely: db2`,
  );
});

Deno.test("folded results: what may have run is not offered to be run again", () => {
  const text = render([
    result("a", { outcome: "unknown", exitCode: null, stdout: "", note: "lmcp: connection lost" }),
    result("b", { outcome: "skipped", exitCode: null, stdout: "" }),
    result("c", { outcome: "failed", exitCode: null, stdout: "", note: "cannot enter /srv" }),
  ]);
  assert.equal(
    text,
    `3 hosts: 1 failed, 1 unknown, 1 skipped (2.3 s)
== a: UNKNOWN, it may have run: lmcp: connection lost
== c: FAILED: cannot enter /srv
== b: skipped`,
  );
});

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

Deno.test("a group that differs in one line of many is shown as that difference, behind the largest one", () => {
  const lines = hosts("line ", 1, 20);
  const other = lines.with(9, "another line");
  const text = render([
    result("c", { stdout: other.join("\n") }),
    ...["a", "b"].map((host) => result(host, { stdout: lines.join("\n") })),
    ...["d", "e"].map((host) => result(host, { stdout: "" })),
  ]);
  assert.equal(
    text,
    `5 hosts: 5 exit 0 (2.3 s)
== a b (2): exit 0
${lines.join("\n")}
== c: exit 0, diff to above
-line 10
+another line
== d e (2): exit 0, no output`,
  );
});

Deno.test("each line of standard error says so; a timeout keeps what came before it", () => {
  const text = render([
    result("a", { exitCode: 2, stderr: "one\ntwo\n", stdout: "" }),
    result("b", { exitCode: 143, stdout: "so far\n", note: "timed out after 1 s" }),
  ]);
  assert.match(text, /^== a: exit 2\nstderr: one\nstderr: two$/m);
  assert.match(text, /^== b: exit 143, timed out after 1 s\nso far$/m);
});

Deno.test("no line of an output looks like one of ours", () => {
  const lines = ["== b: exit 0", "again safely: b", "stderr: x", "[2 lines left out]"];
  for (const end of ["\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028"]) {
    const forged = ["x", ...lines].join(end);
    const text = render([result("a", { stdout: forged, stderr: forged })]);
    const shown = text.split(/[\n\r\v\f\x85\u2028]+/);
    assert.deepEqual(shown.filter((line) => line.startsWith("== ")), ["== a: exit 0"]);
    assert.equal(shown.filter((line) => line.startsWith("again safely")).length, 0);
    assert.equal(shown.filter((line) => line.startsWith("[")).length, 0);
  }
});

Deno.test("500 different outputs are cut alike, and each keeps its first line", () => {
  const names = Array.from({ length: 500 }, (_, at) => `h${at}`);
  const text = render(
    names.map((host, at) => result(host, { stdout: `${at} `.repeat(500) })),
    30_000,
  );
  assert.ok(text.length <= 30_000 && text.length > 20_000, `${text.length}`);
  assert.equal(text.match(/^== h\d+: exit 0$/gm)?.length, 500);
});

Deno.test("what is short is whole where what is long is cut, at its middle", () => {
  const long = Array.from({ length: 5_000 }, (_, at) => `line ${at}`).join("\n");
  const text = render([result("a", { stdout: long }), result("b", { stdout: "short" })], 2_000);
  assert.ok(text.length <= 2_000 && text.length > 1_800, `${text.length}`);
  assert.match(text, /^line 0\n[^]*\n\[[\d,]+ lines \([\d.]+ kB\) left out\]\n[^]*\nline 4999$/m);
  assert.match(text, /\n== b: exit 0\nshort$/);
});

Deno.test("where first lines have no room, hosts are put together by what became of them", () => {
  const names = Array.from({ length: 2_000 }, (_, at) => `host-${at}-x`);
  const results = names.map((host, at) => result(host, { stdout: `${at}`, exitCode: at % 2 }));
  const text = render(results, 8_000);
  assert.ok(text.length <= 8_000, `${text.length}`);
  assert.match(text, /^2000 hosts: 1000 exit 0, 1000 exit 1 \(2\.3 s\)\n== /);
  const merged =
    /^== .*\((\d+)\): exit 1, \d+ different results left out\n== .*\((\d+)\): exit 0, /m
      .exec(text);
  const single = text.match(/^== \S+: exit/gm)?.length ?? 0;
  assert.equal(single + Number(merged?.[1]) + Number(merged?.[2]), 2_000);
});

Deno.test("long outputs are kept in part alone: they have no room in the memory of their folding", async () => {
  const script = new URL("./long_outputs.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--v8-flags=--max-old-space-size=200", script],
    stdout: "piped",
    stderr: "piped",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr).slice(0, 300));
  assert.equal(new TextDecoder().decode(stdout), "150\n");
});

Deno.test("results are kept once, and long ones are cut: 1,000 hosts of 1 MB each", () => {
  const folding = new Folding();
  for (let at = 0; at < 300; at++) {
    folding.add(result(`h${at}`, { stdout: `${at % 100}`.repeat(500_000) }));
  }
  const groups = folding.groups();
  assert.equal(groups.length, 100);
  const chars = groups.reduce((sum, { stdout }) => sum + stdout.length, 0);
  assert.ok(chars < 18 * 1024 * 1024, `${chars}`);
  assert.equal(groups.every(({ hosts }) => hosts.length === 3), true);
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
