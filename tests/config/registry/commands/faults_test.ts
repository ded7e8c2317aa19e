import assert from "node:assert/strict";
import { parse } from "./parse.ts";

const RUN = 'run = ["a", "{x}"]\n';
const TYPES = "must have one of pattern, values, or min and max";

const FAULTS: readonly (readonly [what: string, text: string, problem: string])[] = [
  ["no table", "[commands]\nc = 1\n", "2: error: commands.c: must be a table"],
  [
    "no run",
    "[commands.c]\n",
    '1: error: commands.c.run: must be a list such as ["systemctl", ' +
    '"restart", "{unit}"]',
  ],
  ["an empty run", "[commands.c]\nrun = []\n", "2: error: commands.c.run: must not be empty"],
  [
    "a line break",
    '[commands.c]\nrun = ["a\\nb"]\n',
    "2: error: commands.c.run: must not hold line breaks or control characters",
  ],
  [
    "an empty program",
    '[commands.c]\nrun = [""]\n',
    "2: error: commands.c.run: must begin with a program",
  ],
  [
    "an option as its program",
    '[commands.c]\nrun = ["-c", "x"]\n',
    "2: error: commands.c.run: must begin with a program",
  ],
  [
    "an argument as its program",
    '[commands.c]\nrun = ["{x}"]\nargs.x = "a"\n',
    "2: error: commands.c.run: must begin with a program, which cannot be an argument",
  ],
  [
    "a part of its program as an argument",
    '[commands.c]\nrun = ["/bin/{x}"]\nargs.x = "a"\n',
    "2: error: commands.c.run: must begin with a program, which cannot be an argument",
  ],
  [
    "a bad name",
    '[commands."a b"]\nrun = ["a"]\n',
    '1: error: commands."a b": a command name holds letters, digits, ".", "_" and "-", and ' +
    'starts with none of "." and "-"',
  ],
  [
    "a value that is neither true nor false",
    '[commands.c]\nrun = ["a"]\nconfirm = "yes"\n',
    "3: error: commands.c.confirm: must be true or false",
  ],
  [
    "a misspelt field",
    '[commands.c]\nrun = ["a"]\nhost = ["x"]\n',
    '3: error: commands.c.host: unknown field; did you mean "hosts"?',
  ],
  [
    "an argument beside its fields",
    `[commands.c]\n${RUN}x = "a"\n`,
    "3: error: commands.c.x: unknown field: an argument is written as args.x",
  ],
  [
    "an unknown place",
    '[commands.c]\nrun = ["a", "{x}"]\n',
    '2: error: commands.c.run: has a place {x}, and args has no "x" (with a space behind "{" it ' +
    "is no place)",
  ],
  [
    "an unused argument",
    '[commands.c]\nrun = ["a", "${x}"]\nargs.x = "a"\n',
    "3: error: commands.c.args.x: has no place {x} in run",
  ],
  [
    "an argument of no kind",
    `[commands.c]\n${RUN}args.x = {}\n`,
    `3: error: commands.c.args.x: ${TYPES}`,
  ],
  [
    "an argument of two kinds",
    `[commands.c]\n${RUN}args.x = { pattern = "a", min = 1, max = 2 }\n`,
    `3: error: commands.c.args.x: ${TYPES}`,
  ],
  [
    "half a range",
    `[commands.c]\n${RUN}args.x = { min = 1 }\n`,
    "3: error: commands.c.args.x: must have both min and max",
  ],
  [
    "an empty range",
    `[commands.c]\n${RUN}args.x = { min = 2, max = 1 }\n`,
    "3: error: commands.c.args.x.max: must not be less than min",
  ],
  [
    "a number as an argument",
    `[commands.c]\n${RUN}args.x = 1\n`,
    "3: error: commands.c.args.x: must be a pattern in quotes, a list of values, or a table with " +
    "pattern, values, or min and max",
  ],
  [
    "a pattern that is none",
    `[commands.c]\n${RUN}args.x = "a)|(b"\n`,
    "3: error: commands.c.args.x.pattern: must be a regular expression in RE2 syntax",
  ],
  [
    "a pattern of other syntax",
    `[commands.c]\n${RUN}args.x = "(a)\\\\1"\n`,
    "3: error: commands.c.args.x.pattern: must be a regular expression in RE2 syntax",
  ],
  [
    "a pattern that takes long",
    `[commands.c]\n${RUN}args.x = { pattern = "(a?){1000}", max_length = 9000 }\n`,
    "3: error: commands.c.args.x.pattern: takes too long to match: shorten it, or set a smaller " +
    "max_length",
  ],
  [
    "a length that is too long",
    `[commands.c]\n${RUN}args.x = { pattern = "a", max_length = 20000 }\n`,
    "3: error: commands.c.args.x.max_length: must be a whole number from 1 to 16384",
  ],
  [
    "a length of values",
    `[commands.c]\n${RUN}args.x = { values = ["a"], max_length = 2 }\n`,
    "3: error: commands.c.args.x.max_length: goes with pattern",
  ],
  [
    "a default that is not a value",
    `[commands.c]\n${RUN}args.x = { pattern = "a", default = "b" }\n`,
    "3: error: commands.c.args.x.default: is not a value of the argument",
  ],
  [
    "a default that makes an argument optional",
    `[commands.c]\n${RUN}args.x = { values = ["a"], default = "a", optional = true }\n`,
    "3: error: commands.c.args.x.optional: has no effect with a default: keep one of them",
  ],
  [
    "an optional argument beside another",
    '[commands.c]\nrun = ["a", "{x}:{y}"]\nargs.y = "a"\nargs.x = { pattern = "a", optional = true }\n',
    "2: error: commands.c.run: has an optional argument in one item with others: give it a " +
    "default, or an item alone",
  ],
  [
    "an option of the caller's choice",
    '[commands.c]\nrun = ["a", "--{x}"]\nargs.x = "[a-z]+"\n',
    "2: error: commands.c.run: lets its caller name any option: list the values instead of a pattern",
  ],
  [
    "an argument with a bad name",
    '[commands.c]\nrun = ["a"]\nargs."x y" = "a"\n',
    '3: error: commands.c.args."x y": an argument\'s name holds up to 32 letters, digits, "_" and ' +
    '"-", a letter first',
  ],
  [
    "a host that there is not",
    '[commands.c]\nrun = ["a"]\nhosts = ["x"]\n',
    "3: error: commands.c.hosts: item 1 is neither a host nor a tag",
  ],
  [
    "a timeout of parts",
    '[commands.c]\nrun = ["a"]\ntimeout = 1.5\n',
    "3: error: commands.c.timeout: must be a whole number of seconds from 1 to 1000000",
  ],
];

for (const [what, text, problem] of FAULTS) {
  Deno.test(`parseRegistry() refuses a command with ${what}`, async () => {
    const { registry, problems } = await parse(text);
    assert.deepEqual(problems, [`r.toml:${problem}`]);
    assert.equal(registry.commands, undefined);
  });
}
