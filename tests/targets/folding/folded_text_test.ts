import assert from "node:assert/strict";
import { hosts, render, result } from "./nginx_results.ts";

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
