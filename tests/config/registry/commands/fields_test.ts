import assert from "node:assert/strict";
import { describeType } from "../../../../lib/work/commands/argument.ts";
import { parse, parseCommand } from "./parse.ts";

const HOSTS = '[hosts.web1]\nssh_host = "a"\ntags = ["web"]\n[hosts.db1]\nssh_host = "b"\n';

Deno.test("parseRegistry() reads every field of a command", async () => {
  const { registry, problems } = await parse(`${HOSTS}
[commands.restart]
description = "Restart a service"
run = ["sudo", "-n", "systemctl", "restart", "--", "{unit}"]
hosts = ["@web"]
timeout = 60
args.unit = "[a-z0-9@.-]+"

[commands.logs]
run = ["journalctl", "--unit={unit}", "--lines={lines}", "{reverse}"]
read_only = true

[commands.logs.args]
unit = { pattern = ".+", max_length = 20, multiline = true }
lines = { min = 1, max = 500, default = 50 }
reverse = { values = ["--reverse"], optional = true }
`);
  assert.deepEqual(problems, []);
  const [restart, logs] = [...registry.commands?.values() ?? []];
  assert.ok(restart !== undefined && logs !== undefined);
  assert.deepEqual([restart.name, restart.description, restart.timeoutSeconds, restart.readOnly], [
    "restart",
    "Restart a service",
    60,
    false,
  ]);
  assert.deepEqual(restart.hosts, new Set(["web1"]));
  assert.deepEqual(restart.run.at(-1), [{ place: "unit" }]);
  assert.deepEqual([logs.description, logs.timeoutSeconds, logs.readOnly, logs.hosts], [
    "",
    120,
    true,
    null,
  ]);
  const args = [...logs.arguments].map(([name, { type, default: value, isOptional }]) =>
    [name, type.kind, describeType(type), value, isOptional] as const
  );
  assert.deepEqual(args, [
    ["unit", "text", ".+", null, false],
    ["lines", "number", "1..500", "50", false],
    ["reverse", "choice", "--reverse", null, true],
  ]);
});

Deno.test("parseRegistry() refuses defaults that each call without arguments would fail by", async () => {
  const fault = 'it must not begin with "-"';
  for (
    const [args, problem] of [
      ['args.x = { pattern = ".*", default = "-r" }', `"-r": ${fault}`],
      ['args.x = { pattern = ".*", default = "/" }', null],
    ] as const
  ) {
    const { problems } = await parse(`[commands.c]\nrun = ["ls", "{x}"]\n${args}\n`);
    const message =
      `have defaults that cannot be used together: bad \`x\` in \`args\`: ${problem} (.*)`;
    assert.deepEqual(
      problems,
      problem === null ? [] : [`r.toml:3: error: commands.c.args: ${message}`],
    );
  }
});

Deno.test("parseRegistry() says nothing of commands where there are none", async () => {
  const { registry } = await parse(HOSTS);
  assert.equal("commands" in registry, false);
});

Deno.test("parseRegistry() gives a command the same definition as long as nothing of it changes", async () => {
  const text = 'run = ["a", "{x}"]\nargs.x = "b"\n';
  const first = await parseCommand(text);
  assert.equal((await parseCommand(`${text}# a remark\n`)).definition, first.definition);
  for (const other of ["timeout = 5\n", "read_only = true\n", 'description = "d"\n']) {
    assert.notEqual((await parseCommand(text + other)).definition, first.definition);
  }
});

Deno.test("parseRegistry() reads braces that are no places as they stand", async () => {
  const texts = [
    "{{.Names}}",
    "{{json .}}",
    "{{x}}",
    "{}",
    "{ print }",
    "${x}",
    "{1..3}",
    "{x",
    "x}",
  ];
  const { run } = await parseCommand(`run = ${JSON.stringify(["docker", ...texts])}\n`);
  assert.deepEqual(run.slice(1), texts.map((literal) => [{ literal }]));
});
