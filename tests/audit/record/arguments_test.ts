import assert from "node:assert/strict";
import { argumentsOf, digestOf, recordOf } from "./lines.ts";

Deno.test("createAudit() writes commands, paths, patterns, tools, numbers and booleans in clear", () => {
  const args = {
    command: "echo hi",
    path: "/etc/motd",
    cwd: "/srv",
    pattern: "*.ts",
    tool: "backup",
    timeout: 5,
    replace_all: true,
    nothing: null,
  };
  assert.deepEqual(argumentsOf(args), args);
});

Deno.test("createAudit() writes only a digest of every other text, of lists and of objects", () => {
  assert.deepEqual(argumentsOf({ content: "grüße", old_string: "", list: [1, "a"], o: { a: 1 } }), {
    content: digestOf("grüße"),
    old_string: digestOf(""),
    list: digestOf('[1,"a"]'),
    o: digestOf('{"a":1}'),
  });
});

Deno.test("createAudit() writes the start and the end of a huge command, and its digest", () => {
  const command = `echo ${"x".repeat(100_000)}; the end`;
  const { start, end, ...digest } = argumentsOf({ command }).command;
  assert.deepEqual(digest, digestOf(command));
  assert.equal(start, `${command.slice(0, 12_288)}…`);
  assert.equal(end, `…${command.slice(-4_096)}`);
});

Deno.test("createAudit() shows the end of a command that is padded at its start", () => {
  const command = `: ${" ".repeat(20_000)}; rm -rf /srv`;
  assert.match(argumentsOf({ command }).command.end, /; rm -rf \/srv$/);
});

Deno.test("createAudit() writes the name and the arguments of a named command in clear", () => {
  const args = { targets: "@web", name: "restart", args: { unit: 'a"b\n canary-token', lines: 5 } };
  assert.deepEqual(recordOf({ tool: "remote_run", args }).arguments, {
    targets: "@web",
    name: "restart",
    args: '{"unit":"a\\"b\\n [secret]","lines":5}',
  });
  const long = { name: "restart", args: { unit: "x".repeat(20_000) } };
  const { args: written } = recordOf({ tool: "remote_run", args: long }).arguments;
  assert.deepEqual([written.start.slice(0, 12), written.length], ['{"unit":"xxx', 20_011]);
});

Deno.test("createAudit() writes no arguments of these names of another tool", () => {
  const args = { name: "a label", args: { content: "secret" } };
  assert.deepEqual(recordOf({ tool: "remote_shell_bg", args }).arguments, {
    name: digestOf("a label"),
    args: digestOf('{"content":"secret"}'),
  });
});
