import assert from "node:assert/strict";
import { readSshConfig } from "../../../lib/config/import/ssh_config/read.ts";
import { parseLines } from "../../../lib/config/import/ssh_config/parse_lines.ts";
import { parseHomes } from "../../../lib/config/import/homes.ts";
import { makeFiles, needs, runImportOf } from "./import_into.ts";

/** Texts, each with the keywords that ssh reads in it and their arguments; or what ssh refuses. */
const LINES: readonly (readonly [text: string, read: readonly string[] | string])[] = [
  ["Host a b", ["host", "a", "b"]],
  ["\t HOST\t=\ta\tb \t\r", ["host", "a", "b"]],
  ["Host=a", ["host", "a"]],
  ["= Host a", ["host", "a"]],
  ['"Host" a', ["host", "a"]],
  ["Host a\f", ["host", "a"]],
  ['Host "a b"c \'d "e\' f#g # h', ["host", "a bc", 'd "e', "f#g"]],
  ["Host a\\ b \\\\c \\d \\'e", ["host", "a b", "\\c", "\\d", "'e"]],
  ['  # Host "a', []],
  ["", []],
  ["ProxyCommand echo it's", "a quote without end"],
  ["User", "a keyword without argument"],
  ["Match", "a keyword without argument"],
  ['Host "a', "a quote without end"],
  ['Host ""', "an empty argument"],
  ['Include ""', "an empty argument"],
];

Deno.test("parseLines() splits lines as ssh does", () => {
  for (const [text, read] of LINES) {
    const [line, ...others] = parseLines(text);
    assert.deepEqual(others, [], text);
    if (typeof read === "string") assert.equal(line?.fault, read, text);
    else assert.deepEqual(line === undefined ? [] : [line.keyword, ...line.args], read, text);
  }
});

Deno.test({
  ...await needs("ssh", "ssh refuses the lines that parseLines() says it refuses, and no other"),
  fn: async () => {
    for (const [text, read] of LINES) {
      await using place = await makeFiles({ config: `${text}\n` });
      const { success, stderr } = await new Deno.Command("ssh", {
        args: ["-G", "-F", `${place.path}/config`, "x"],
        stdin: "null",
        stdout: "null",
      }).output();
      assert.equal(success, typeof read !== "string", text + new TextDecoder().decode(stderr));
    }
  },
});

const DEEP = Object.fromEntries(
  Array.from({ length: 18 }, (_, at) => [`f${at}`, `Include DIR/f${at + 1}\nHost h${at}\n`]),
);

/** Configurations that cannot be used, and what is said: one line. */
const REFUSED:
  readonly (readonly [string, Readonly<Record<string, string | Uint8Array>>, RegExp])[] = [
    ["nothing", {}, /^DIR\/config: error: cannot read it: no such file$/],
    ["a directory", { "config/x": "" }, /^DIR\/config: error: cannot read it: it is a directory$/],
    ["NUL", { config: "Host a\n#\0\n" }, /^DIR\/config: error: holds NUL characters/],
    [
      "UTF-16",
      { config: new Uint8Array([255, 254, 72, 0, 111, 0]) },
      /error: holds NUL characters/,
    ],
    [
      "a quote",
      { config: 'Host a\nHost "b\n' },
      /^DIR\/config:2: error: ssh refuses a quote without/,
    ],
    [
      "itself",
      { config: "Host a\nInclude DIR/config\n" },
      /^DIR\/config:2: error: includes "DIR\/config", which includes this file$/,
    ],
    [
      "a loop",
      { config: "Include DIR/b\n", b: "\nHost *\nInclude DIR/con*\n" },
      /^DIR\/b:3: error: includes "DIR\/config", which includes this file$/,
    ],
    [
      "a fault in an included file",
      { config: "Include DIR/b\n", b: "Host\n" },
      /^DIR\/b:1: error: ssh refuses a keyword without argument$/,
    ],
    [
      "17 files deep",
      { config: "Include DIR/f0\n", ...DEEP },
      /^DIR\/f15:1: error: includes too deep: ssh follows 16 files$/,
    ],
    [
      "many files",
      {
        config: "Include DIR/*.x\n",
        ...Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`${at}.x`, ""])),
      },
      /^DIR\/config:1: error: includes too many files: at most 1000$/,
    ],
    [
      "5 MiB",
      { config: "#".repeat(5 << 20) },
      /config: error: is too long: at most 4 MiB are read$/,
    ],
    [
      "5 MiB in two files",
      { config: `Include DIR/a\n#${"a".repeat(3 << 20)}`, a: "#".repeat(2 << 20) },
      /^DIR\/config:1: error: includes "DIR\/a": is too long: at most 4 MiB are read$/,
    ],
    [
      "many hosts",
      { config: Array.from({ length: 101 }, (_, at) => `Host ${names(at)}\n`).join("") },
      /^DIR\/config:101: error: names too many hosts: at most 10000 are imported$/,
    ],
    [
      "many patterns",
      { config: `Host ${"!x ".repeat(10_001)}\n` },
      /^DIR\/config:1: error: has too many patterns: at most 10000$/,
    ],
  ];

for (const [what, files, wanted] of REFUSED) {
  Deno.test(`--import ssh-config refuses a configuration of ${what}`, async () => {
    await using place = await makeFiles(files);
    const { status, stdout, stderr } = await runImportOf(["ssh-config", `${place.path}/config`]);
    assert.deepEqual([status, stdout, stderr.length], [2, "", 1], stderr.join("\n"));
    assert.match(stderr.join("\n").replaceAll(place.path, "DIR"), wanted);
  });
}

/** A hundred names. */
function names(at: number): string {
  return Array.from({ length: 100 }, (_, name) => `h${at}-${name}`).join(" ");
}

Deno.test({
  ...await needs("ssh", "ssh refuses to include 17 files deep, and includes 16"),
  fn: async () => {
    for (const [start, isRight] of [["f0", false], ["f1", true]] as const) {
      await using place = await makeFiles(DEEP);
      const { status } = await runImportOf(["ssh-config", `${place.path}/${start}`]);
      const args = ["-G", "-F", `${place.path}/${start}`, "x"];
      const { success } = await new Deno.Command("ssh", { args, stdout: "null", stderr: "null" })
        .output();
      assert.deepEqual([start, success, status], [start, isRight, isRight ? 0 : 2]);
    }
  },
});

Deno.test("--import ssh-config takes a thousand names in a line, and bytes that are no UTF-8", async () => {
  const many = Array.from({ length: 1_000 }, (_, at) => `n${at}`);
  const text = new TextEncoder().encode(`Host ${many.join(" ")}\n# `);
  await using place = await makeFiles({
    config: new Uint8Array([
      ...text,
      0xe9,
      0x0a,
      ...new TextEncoder().encode("Host b\xe9 __proto__\n"),
    ]),
  });
  const { status, stdout, stderr } = await runImportOf(["ssh-config", `${place.path}/config`]);
  assert.equal(status, 0);
  assert.deepEqual([...stdout.matchAll(/^\[hosts\.(.*)\]$/gm)].map(([, name]) => name), [
    ...many,
    "__proto__",
  ]);
  assert.equal(stderr.length, 1);
});

Deno.test("--import ssh-config does not open a pipe that an Include names", async () => {
  await using place = await makeFiles({ config: "Include DIR/p*\nHost a\n" });
  await new Deno.Command("mkfifo", { args: [`${place.path}/pipe`] }).output();
  const { status, stderr } = await runImportOf(["ssh-config", `${place.path}/config`]);
  assert.equal(status, 0);
  assert.match(
    stderr.join("\n"),
    /config:1: warning: the Include of ".*pipe" is skipped: it is not/,
  );
});

Deno.test("--import ssh-config prints a hundred problems at most", async () => {
  await using place = await makeFiles({ config: "Match user x\n".repeat(1_000) });
  const { stderr } = await runImportOf(["ssh-config", `${place.path}/config`]);
  assert.deepEqual([stderr.length, stderr[100]], [102, "lmcp-hub: and 900 more of this kind"]);
});

Deno.test("--import ssh-config reads standard input", async () => {
  const stdin = "Host a\nHost b,c\n";
  const { status, stdout, stderr } = await runImportOf(["ssh-config", "-"], { stdin });
  assert.equal(status, 0);
  assert.match(stdout, /^# 1 host from <stdin>, /);
  assert.match(stderr.join("\n"), /^<stdin>:2: warning: "b,c": is left out: /);
});

Deno.test("--import ssh-config finds ssh's own configuration, by the user database", async () => {
  await using place = await makeFiles({
    ".ssh/config": "Include conf.d/* ~/else ~other/x ~nobody/x ${A}/b\nHost main\n",
    ".ssh/conf.d/a": "Host a\n",
    "else": "Host else\n",
    "other/x": "Host other\n",
  });
  const passwd = [
    "root:x:1:1:,,,:/nowhere:/bin/sh",
    `me:x:${Deno.uid()}:1:,,,:${place.path}/:/bin/sh`,
    `other:x:1234:1::${place.path}/other:/bin/sh`,
    "",
  ].join("\n");
  const found = await runImportOf(["ssh-config"], { passwd });
  assert.deepEqual([...found.stdout.matchAll(/^\[hosts\.(.*)\]$/gm)].map(([, name]) => name), [
    "a",
    "else",
    "other",
    "main",
  ]);
  assert.match(found.stderr.join("\n"), /"~nobody\/x" is skipped: it is in a home directory that/);
  assert.match(found.stderr.join("\n"), /"\${A}\/b" is skipped: it has variables/);

  const env = { LMCP_HUB_SSH_CONFIG: `${place.path}/else` };
  const named = await runImportOf(["ssh-config"], { passwd, env });
  assert.deepEqual([...named.stdout.matchAll(/^\[hosts\.(.*)\]$/gm)].map(([, name]) => name), [
    "else",
  ]);

  const lost = await runImportOf(["ssh-config"], { passwd: "" });
  assert.equal(lost.status, 2);
  assert.match(
    lost.stderr.join("\n"),
    /^--import: error: user \d+ has no home in \/etc\/passwd: name/,
  );
});

Deno.test("a user who is not in the user database has the home that .ssh is in", async () => {
  await using place = await makeFiles({
    ".ssh/config": "Include more\n",
    ".ssh/more": "Host more\n",
  });
  const homes = parseHomes("");
  const { hosts } = await readSshConfig(`${place.path}/.ssh/config`, { homes, uid: 1 });
  assert.deepEqual(hosts.map(({ name }) => name), ["more"]);
});
