import assert from "node:assert/strict";
import { fillCommand, toShellLine } from "../../../lib/work/commands/fill.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { parseCommand } from "../../config/registry/commands/parse.ts";
import { assertCheap } from "../../assert_cheap.ts";

const COMMAND = await parseCommand(`
run = ["a", "--unit={unit}", "{level}", "-n{lines}", "{path}", "{flag}"]
[commands.c.args]
unit = { pattern = "[a-z@.-]+", max_length = 10 }
level = ["info", "-v", ""]
lines = { min = -5, max = 500, default = 50 }
path = { pattern = "(?s).*", max_length = 16384, multiline = true, default = "" }
flag = { pattern = "-[a-z]", optional = true }
`);

const fill = (args: JsonObject) => fillCommand(COMMAND, { unit: "u", level: "info", ...args });

const FILLED: readonly (readonly [args: JsonObject, vector: readonly string[]])[] = [
  [{}, ["a", "--unit=u", "info", "-n50", ""]],
  [{ unit: "-x" }, ["a", "--unit=-x", "info", "-n50", ""]],
  [{ level: "-v" }, ["a", "--unit=u", "-v", "-n50", ""]],
  [{ level: "" }, ["a", "--unit=u", "", "-n50", ""]],
  [{ lines: 500 }, ["a", "--unit=u", "info", "-n500", ""]],
  [{ lines: "-5" }, ["a", "--unit=u", "info", "-n-5", ""]],
  [{ lines: null, flag: null }, ["a", "--unit=u", "info", "-n50", ""]],
  [{ flag: "-z" }, ["a", "--unit=u", "info", "-n50", "", "-z"]],
  [{ path: 80 }, ["a", "--unit=u", "info", "-n50", "80"]],
  [{ path: "$(id)\n'\"`\\ {unit} {{" }, [
    "a",
    "--unit=u",
    "info",
    "-n50",
    "$(id)\n'\"`\\ {unit} {{",
  ]],
];

for (const [args, vector] of FILLED) {
  Deno.test(`fillCommand() puts ${JSON.stringify(args)} into its places`, () => {
    assert.deepEqual(fill(args), { kind: "filled", vector });
  });
}

const UNIT = "([a-z@.-]+)";

const REFUSED: readonly (readonly [args: JsonObject, fault: string])[] = [
  [{ unit: null }, `missing \`unit\` in \`args\` ${UNIT}`],
  [{ unit: "" }, `bad \`unit\` in \`args\`: "": it is not [a-z@.-]+ as a whole ${UNIT}`],
  [{ unit: "a b" }, `bad \`unit\` in \`args\`: "a b": it is not [a-z@.-]+ as a whole ${UNIT}`],
  [
    { unit: "a\n" },
    `bad \`unit\` in \`args\`: "a\\n": it holds a line break or control character ${UNIT}`,
  ],
  [
    { unit: "a\x85" },
    `bad \`unit\` in \`args\`: "a\x85": it holds a line break or control character ${UNIT}`,
  ],
  [
    { unit: "aaaaaaaaaaa" },
    `bad \`unit\` in \`args\`: "aaaaaaaaaaa": it has more than 10 characters ${UNIT}`,
  ],
  [{ unit: ["a"] }, `bad \`unit\` in \`args\`: ["a"] is not a text ${UNIT}`],
  [{ unit: { a: 1 } }, `bad \`unit\` in \`args\`: {"a":1} is not a text ${UNIT}`],
  [{ unit: true }, `bad \`unit\` in \`args\`: true is not a text ${UNIT}`],
  [{ level: "warn" }, 'bad `level` in `args`: "warn": it is not one of info|-v|"" (info|-v|"")'],
  [{ lines: 501 }, "bad `lines` in `args`: 501: it is not a whole number from -5 to 500 (-5..500)"],
  [{ lines: 1.5 }, "bad `lines` in `args`: 1.5 is not a whole number from -5 to 500 (-5..500)"],
  [
    { lines: "1e1" },
    'bad `lines` in `args`: "1e1": it is not a whole number from -5 to 500 (-5..500)',
  ],
  [{ lines: "٣" }, 'bad `lines` in `args`: "٣": it is not a whole number from -5 to 500 (-5..500)'],
  [
    { lines: "1\n" },
    'bad `lines` in `args`: "1\\n": it is not a whole number from -5 to 500 (-5..500)',
  ],
  [{ path: "-rf" }, 'bad `path` in `args`: "-rf": it must not begin with "-" ((?s).*)'],
  [{ path: "a\0b" }, 'bad `path` in `args`: "a\\u0000b": it holds a NUL character ((?s).*)'],
  [
    { path: "\ud800" },
    'bad `path` in `args`: "\\ud800": it holds half of a surrogate pair ((?s).*)',
  ],
  [{ flag: "z" }, 'bad `flag` in `args`: "z": it is not -[a-z] as a whole (-[a-z])'],
  [
    { user: "root", __proto__x: 1 },
    'unknown "user", "__proto__x" in `args` (accepted: `unit`, ' +
    "`level`, `lines`, `path`, `flag`)",
  ],
  [
    JSON.parse('{"__proto__":"x"}'),
    'unknown "__proto__" in `args` (accepted: `unit`, `level`, ' +
    "`lines`, `path`, `flag`)",
  ],
  [
    { toString: "x" },
    'unknown "toString" in `args` (accepted: `unit`, `level`, `lines`, `path`, ' +
    "`flag`)",
  ],
];

for (const [args, fault] of REFUSED) {
  Deno.test(`fillCommand() refuses ${JSON.stringify(args)}`, () => {
    assert.deepEqual(fill(args), { kind: "refused", faults: [fault] });
  });
}

Deno.test("fillCommand() says at once what is wrong with each argument", () => {
  const { faults = [] } = { faults: undefined, ...fill({ unit: 1.5, level: 1.5, x: 1 }) };
  assert.equal(faults.length, 3);
});

Deno.test("fillCommand() names few of many unknown arguments, and no long name", () => {
  const names = Array.from({ length: 9_000 }, (_, at) => `${at}`.padEnd(100, "x"));
  const filled = fill(Object.fromEntries(names.map((name) => [name, 1])));
  assert.ok(filled.kind === "refused");
  assert.match(filled.faults.join(), / and 8995 more in `args`/);
  assert.ok(filled.faults.join().length < 600);
});

Deno.test("fillCommand() refuses an option that begins behind an empty argument", async () => {
  const command = await parseCommand('run = ["a", "{x}{y}"]\nargs.x = ["", "b"]\nargs.y = ".*"\n');
  const { kind } = fillCommand(command, { x: "", y: "-rf" });
  assert.equal(kind, "refused");
  assert.equal(fillCommand(command, { x: "b", y: "-rf" }).kind, "filled");
});

const COMPOSED: readonly (readonly [item: string, args: JsonObject, element: string | null])[] = [
  ["{text}-{more}", { text: "", more: "rf" }, null],
  ["{text}-fixed", { text: "" }, null],
  ["{text}{more}-fixed", { text: "", more: "" }, null],
  ["{text}-{more}", { text: "a", more: "rf" }, "a-rf"],
  ["{text}.{more}", { text: "", more: "-rf" }, ".-rf"],
  ["{dash}{more}", { dash: "-", more: "rf" }, null],
  ["{dash}{more}", { dash: "", more: "-rf" }, null],
  ["{dash}{more}", { dash: "", more: "rf" }, "rf"],
  ["{dash}{more}", { dash: "-n", more: "-rf" }, "-n-rf"],
  ["-{dash}{more}", { dash: "", more: "rf" }, null],
  ["-{dash}{more}", { dash: "-", more: "rf" }, null],
  ["-{dash}{more}", { dash: "-n", more: "rf" }, "--nrf"],
  ["-{dash}{more}", { dash: "", more: "" }, "-"],
  ["-{level}", { level: -5 }, "--5"],
  ["-{level}{more}", { level: 5, more: "-rf" }, "-5-rf"],
];

for (const [item, args, element] of COMPOSED) {
  const title = element === null ? "refuses" : "puts together";
  Deno.test(`fillCommand() ${title} ${item} of ${JSON.stringify(args)}`, async () => {
    const types = {
      text: '"[a-z]*"',
      more: '".*"',
      dash: '["", "-", "-n"]',
      level: "{ min = -9, max = 9 }",
    };
    const used = Object.entries(types).filter(([name]) => item.includes(`{${name}}`));
    const lines = used.map(([name, type]) => `args.${name} = ${type}\n`);
    const command = await parseCommand(`run = ["a", "${item}"]\n${lines.join("")}`);
    const filled = fillCommand(command, args);
    if (element !== null) {
      return assert.deepEqual(filled, { kind: "filled", vector: ["a", element] });
    }
    assert.ok(filled.kind === "refused", JSON.stringify(filled));
    assert.match(filled.faults.join(), /: it must not begin with "-"/);
  });
}

Deno.test("fillCommand() lets a pattern begin with a dash only if all of it plainly does", async () => {
  for (
    const [pattern, kind] of [
      ["-[a-z]+", "filled"],
      ["\\\\-rf", "filled"],
      ["(?i)-RF", "filled"],
      ["-?rf|-rf", "refused"],
      ["-*rf", "refused"],
      ["-{0,1}rf", "refused"],
      ["a|-rf", "refused"],
      ["(-rf)", "refused"],
      [".*", "refused"],
    ] as const
  ) {
    const command = await parseCommand(`run = ["a", "{x}"]\nargs.x = "${pattern}"\n`);
    assert.equal(fillCommand(command, { x: "-rf" }).kind, kind, pattern);
  }
});

Deno.test("fillCommand() makes no line that a host could not run", async () => {
  const command = await parseCommand(
    `run = ["a", "{x}", "{x}", "{x}"]\nargs.x = { pattern = "(?s).*", max_length = 16384 }\n`,
  );
  assert.deepEqual(fillCommand(command, { x: "'".repeat(16_384) }), {
    kind: "refused",
    faults: ["the arguments are too long together"],
  });
  assert.equal(fillCommand(command, { x: "a".repeat(16_384) }).kind, "filled");
});

/** A machine may be busy; a pattern that is tried in all ways takes years. */
const LONG_MS = 2_000;

Deno.test("fillCommand() matches a long text in a time that no pattern makes long", async () => {
  const command = await parseCommand(
    `run = ["a", "{x}"]\nargs.x = { pattern = "((a+)+)+b", max_length = 9000 }\n`,
  );
  const x = "a".repeat(9_000);
  await assertCheap(LONG_MS, () => assert.equal(fillCommand(command, { x }).kind, "refused"));
});

Deno.test("toShellLine() runs a program, and never one of the shell's own", () => {
  assert.equal(toShellLine(["a", "it's", "$(id)"]), "(exec 'a' 'it'\\''s' '$(id)')");
});

for (const shell of ["sh", "bash"]) {
  Deno.test(`toShellLine() lets ${shell} go on behind the command`, async () => {
    const line = toShellLine(["sh", "-c", 'printf "%s;" "$@"; exit 7', "sh", "a b", "'$(id)\n"]);
    const { stdout } = await new Deno.Command(shell, {
      args: ["-c", `${line}; echo "rc=$?"`],
    }).output();
    assert.equal(new TextDecoder().decode(stdout), "a b;'$(id)\n;rc=7\n");
  });
}
