import assert from "node:assert/strict";
import { describeCall } from "../../lib/approvals/describe.ts";
import { visibleText } from "../../lib/approvals/visible_text.ts";

const redact = (text: string) => text.replaceAll("hunter2", "[secret]");

for (
  const [text, shown] of [
    ["plain text, Umlaute: äöü, 日本", "plain text, Umlaute: äöü, 日本"],
    ["a\nb", "a\nb"],
    ["a\r\nb", "a<U+000D>\nb"],
    ["a\tb\0c\x1b[2Jd", "a<tab>b<U+0000>c<U+001B>[2Jd"],
    ["safe\u202e txt.sh", "safe<U+202E> txt.sh"],
    ["\u2066x\u2069 zero\u200bwidth \ufeff", "<U+2066>x<U+2069> zero<U+200B>width <U+FEFF>"],
    ["a\u2028b\u00a0c\u3000d\u00ade", "a<U+2028>b<U+00A0>c<U+3000>d<U+00AD>e"],
    ["\u{e0041}tag \u{f0000} \ud800", "<U+E0041>tag <U+F0000> <U+D800>"],
    [`ls${" ".repeat(500)}; reboot`, "ls<500 spaces>; reboot"],
    [`ls${"\n".repeat(99)}reboot`, "ls\n<98 empty lines>\nreboot"],
    ["a\n\n\nb", "a\n\n\nb"],
    ["rm\u2800-rf \u{1d159}/\ufffc", "rm<U+2800>-rf <U+1D159>/<U+FFFC>"],
    ["Việt", "Việt"],
    [`Z${"\u0335".repeat(200)}; reboot`, "Z<200 marks over one character>; reboot"],
  ] as const
) {
  Deno.test(`visibleText() shows ${JSON.stringify(text).slice(0, 40)}`, () => {
    assert.equal(visibleText(text), shown);
  });
}

const CALL = { tool: "remote_shell", principal: "alice", hosts: ["web1"], command: undefined };

Deno.test("describeCall() shows all of a call, so that no line of it can be read as another's", () => {
  const args = {
    command: "echo 1\nhost: dev1\ntool: remote_read_file\n",
    cwd: "/srv",
    timeout: 60,
    "odd\nname": { a: ["x\u202e"] },
  };
  assert.equal(
    describeCall({ ...CALL, hosts: ["web01", "web02", "web03"], args }, redact),
    `tool: remote_shell
client: alice
hosts (3): web[01-03]
command:
    echo 1
    host: dev1
    tool: remote_read_file
    
cwd: /srv
timeout: 60
"odd\\nname": {"a":["x<U+202E>"]}`,
  );
});

Deno.test("describeCall() hides secrets, and shows a named command as it runs", () => {
  const args = { name: "login", args: { password: "hunter2" } };
  assert.equal(
    describeCall({ ...CALL, command: "(exec 'login' 'hunter2')", args }, redact),
    `tool: remote_shell
client: alice
host: web1
runs:
    (exec 'login' '[secret]')
name: login
args: {"password":"[secret]"}`,
  );
});

Deno.test("describeCall() says where it leaves something out, and at its end that it has", () => {
  const command = `echo begin; ${"x".repeat(100_000)}; echo end`;
  const text = describeCall({ ...CALL, args: { command } }, redact);
  assert.ok(text.length < 5_000);
  assert.match(text, /\n {4}echo begin; x+…?\n {4}\[96,0\d\d characters are not shown here\]\n/);
  assert.match(text, /echo end\nNOT SHOWN: 96,0\d\d characters of this call$/);
});

Deno.test("describeCall() counts arguments for which there is no room", () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`a${at}`, "v"]));
  assert.match(describeCall({ ...CALL, args: many }, redact), /\nNOT SHOWN: 18 more arguments$/);
  const long = Object.fromEntries(
    Array.from({ length: 10 }, (_, at) => [`a${at}`, "v".repeat(3_900)]),
  );
  const text = describeCall({ ...CALL, args: long }, redact);
  assert.ok(text.length < 20_000);
  assert.match(text, /\nNOT SHOWN: [\d,]+ characters of this call$/);
});

Deno.test("describeCall() says at its end that hosts are not shown", () => {
  const hosts = Array.from({ length: 400 }, (_, at) => `host${"abcdefgh"[at % 8]}${at}x${at * 7}`);
  const text = describeCall({ ...CALL, hosts, args: {} }, redact);
  assert.match(
    text,
    /\nhosts \(400\): .* \[[\d,]+ characters more\]\nNOT SHOWN: [\d,]+ characters/,
  );
});

Deno.test("describeCall() has no argument that reads as a line of the hub's own", () => {
  const args = { tool: "x", client: "x", host: "x", runs: "x", targets: "x", "NOT SHOWN": "0" };
  assert.deepEqual(describeCall({ ...CALL, args }, redact).split("\n").slice(3), [
    '"tool": x',
    '"client": x',
    '"host": x',
    '"runs": x',
    "targets: x",
    '"NOT SHOWN": 0',
  ]);
});
