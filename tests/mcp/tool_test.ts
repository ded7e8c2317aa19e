import assert from "node:assert/strict";
import { z } from "zod";
import { type CallToolResult, defineTool } from "../../lib/mcp/tool.ts";
import { callContext } from "./call_context.ts";
import { assertCheap } from "../assert_cheap.ts";

const CONTEXT = callContext();

const shell = defineTool({
  name: "remote_shell",
  title: "Shell",
  description: "Run a command",
  input: z.looseObject({
    host: z.string().describe("Host name"),
    command: z.string().min(1).describe("Shell command"),
    timeout: z.int().min(1).default(120).describe("Timeout in seconds"),
    force: z.boolean().optional(),
    mode: z.enum(["a", "b"]).optional(),
    args: z.array(z.string()).optional().describe("Words"),
    note: z.string().nullish(),
  }),
  readOnly: false,
  run: (args) => Promise.resolve({ content: [{ type: "text", text: JSON.stringify(args) }] }),
});

function textOf(result: CallToolResult): string {
  const [block] = result.content;
  assert.ok(block?.type === "text");
  return block.text;
}

Deno.test("defineTool() makes an input schema without noise", () => {
  assert.deepEqual(shell.inputSchema, {
    type: "object",
    properties: {
      host: { type: "string", description: "Host name" },
      command: { type: "string", minLength: 1, description: "Shell command" },
      timeout: { type: "integer", minimum: 1, default: 120, description: "Timeout in seconds" },
      force: { type: "boolean" },
      mode: { type: "string", enum: ["a", "b"] },
      args: { type: "array", items: { type: "string" }, description: "Words" },
      note: { type: ["string", "null"] },
    },
    required: ["host", "command"],
    additionalProperties: true,
  });
  assert.equal(shell.outputSchema, undefined);
});

Deno.test("defineTool() has the title among the annotations too, and passes on what clients may read", () => {
  assert.equal(shell.annotations.title, "Shell");
  assert.equal("meta" in shell, false);
  const meta = { "anthropic/searchHint": "words" };
  const tool = defineTool({
    name: "found",
    title: "Found",
    description: "Found",
    meta,
    input: z.object({}),
    readOnly: true,
    run: () => Promise.resolve({ content: [] }),
  });
  assert.equal(tool.meta, meta);
});

const ACCEPTED: readonly (readonly [string, object, object])[] = [
  ["fills in defaults", {}, { timeout: 120 }],
  ["treats null for an optional argument as not given", { timeout: null, mode: null }, {
    timeout: 120,
  }],
  ["keeps null where the schema accepts it", { note: null }, { timeout: 120, note: null }],
  ["takes an integer given as its text", { timeout: "5" }, { timeout: 5 }],
  ["takes booleans given as their texts", { force: "true" }, { timeout: 120, force: true }],
  ["takes false given as its text", { force: "false" }, { timeout: 120, force: false }],
  ["leaves texts in unknown arguments as they are", { extra: "5", other: "true" }, {
    timeout: 120,
    extra: "5",
    other: "true",
  }],
  ["leaves texts where a text is wanted", { note: "5" }, { timeout: 120, note: "5" }],
  ["passes unknown arguments, also null, where the schema is loose", { extra: 1, other: null }, {
    timeout: 120,
    extra: 1,
    other: null,
  }],
];

for (const [what, given, expected] of ACCEPTED) {
  Deno.test(`Tool.call() ${what}`, async () => {
    const result = await shell.call({ host: "h", command: "c", ...given }, CONTEXT);
    assert.deepEqual(JSON.parse(textOf(result)), { host: "h", command: "c", ...expected });
  });
}

for (
  const timeout of ["", " 5", "5.0", "05", "5s", "+5", "-0", "0x5", "1e3", "12345678901234567"]
) {
  Deno.test(`Tool.call() does not accept the text ${JSON.stringify(timeout)} as an integer`, async () => {
    const result = await shell.call({ host: "h", command: "c", timeout }, CONTEXT);
    assert.equal(
      textOf(result),
      `Error: bad \`timeout\` parameter: ${JSON.stringify(timeout)} is not an integer ` +
        "(integer: Timeout in seconds)",
    );
  });
}

for (const force of ["", "yes", "1", "5", "True", 0, 1]) {
  Deno.test(`Tool.call() does not accept ${JSON.stringify(force)} as a boolean`, async () => {
    const result = await shell.call({ host: "h", command: "c", force }, CONTEXT);
    assert.match(textOf(result), /^Error: bad `force` parameter: .* is not a boolean \(boolean\)$/);
  });
}

const REFUSED: readonly (readonly [string, Record<string, unknown>, string])[] = [
  ["a missing host first", { timeout: "abc" }, "Error: missing `host` parameter"],
  ["an empty host", { host: "", command: "c" }, "Error: missing `host` parameter"],
  ["a host that is null", { host: null, command: "c" }, "Error: missing `host` parameter"],
  [
    "several hosts",
    { host: ["a", "b"], command: "c" },
    'Error: bad `host` parameter: ["a","b"] is not a string (string: Host name)',
  ],
  [
    "a host that is a number, and what else is wrong",
    { host: 1 },
    "Error: bad `host` parameter: 1 is not a string (string: Host name)\n" +
    "Error: missing `command` parameter (string: Shell command)",
  ],
  [
    "a missing argument",
    { host: "h" },
    "Error: missing `command` parameter (string: Shell command)",
  ],
  [
    "a value of another type",
    { host: "h", command: "c", timeout: "abc" },
    'Error: bad `timeout` parameter: "abc" is not an integer (integer: Timeout in seconds)',
  ],
  [
    "a fraction for an integer",
    { host: "h", command: "c", timeout: 1.5 },
    "Error: bad `timeout` parameter: 1.5 is not an integer (integer: Timeout in seconds)",
  ],
  [
    "a value out of range",
    { host: "h", command: "c", timeout: 0 },
    "Error: bad `timeout` parameter: 0: Too small: expected number to be >=1 (integer: Timeout in seconds)",
  ],
  [
    "null for a required argument",
    { host: "h", command: null },
    "Error: bad `command` parameter: null is not a string (string: Shell command)",
  ],
  [
    "a value outside an enumeration",
    { host: "h", command: "c", mode: "x" },
    'Error: bad `mode` parameter: "x" is not one of "a", "b" (one of "a", "b")',
  ],
  [
    "a bad element",
    { host: "h", command: "c", args: ["a", 1] },
    "Error: bad `args[1]` parameter: 1 is not a string (array: Words)",
  ],
  [
    "a long value, shortened",
    { host: "h", command: "c", timeout: "x".repeat(1_000) },
    `Error: bad \`timeout\` parameter: "${
      "x".repeat(59)
    }… is not an integer (integer: Timeout in seconds)`,
  ],
  [
    "nested values, as they were given",
    { host: "h", command: "c", timeout: [{ a: "x", b: [null, true, { c: 1.5 }] }, []] },
    'Error: bad `timeout` parameter: [{"a":"x","b":[null,true,{"c":1.5}]},[]] is not an integer ' +
    "(integer: Timeout in seconds)",
  ],
  [
    "all that is wrong, one line each",
    { host: "h", timeout: true },
    "Error: missing `command` parameter (string: Shell command)\n" +
    "Error: bad `timeout` parameter: true is not an integer (integer: Timeout in seconds)",
  ],
];

for (const [what, args, text] of REFUSED) {
  Deno.test(`Tool.call() names ${what}`, async () => {
    const result = await shell.call(args, CONTEXT);
    assert.equal(textOf(result), text);
    assert.equal(result.isError, true);
  });
}

const HUGE: readonly (readonly [string, unknown])[] = [
  ["text", "\u0001".repeat(20_000_000)],
  ["array", Array.from({ length: 1_000_000 }, () => ["x".repeat(1_000)])],
  ["object", Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, {}]))],
];

for (const [what, timeout] of HUGE) {
  Deno.test(`Tool.call() names a huge ${what} without writing all of it`, async () => {
    await assertCheap(2_000, async () => {
      const text = textOf(await shell.call({ host: "h", command: "c", timeout }, CONTEXT));
      assert.match(text, /^Error: bad `timeout` parameter: .{60}… is not an integer/u);
    });
  });
}

Deno.test("Tool.call() names an argument that a strict schema does not know", async () => {
  const strict = defineTool({
    name: "strict",
    title: "Strict",
    description: "Strict",
    input: z.strictObject({
      a: z.string().optional(),
      b: z.union([z.string(), z.int()]).optional(),
    }),
    readOnly: false,
    run: () => Promise.resolve({ content: [] }),
  });
  const result = await strict.call({ c: 1, b: true }, CONTEXT);
  assert.equal(
    textOf(result),
    "Error: bad `b` parameter: true is not a string or integer (string or integer)\n" +
      "Error: unknown `c` parameter (accepted: `a`, `b`)",
  );
});

Deno.test("Tool.call() does not ask for a host where it is optional", async () => {
  const tool = defineTool({
    name: "any_host",
    title: "Any",
    description: "Any",
    input: z.looseObject({ host: z.string().optional() }),
    readOnly: false,
    run: () => Promise.resolve({ content: [] }),
  });
  assert.deepEqual(await tool.call({}, CONTEXT), { content: [] });
});

const OUTPUT = z.object({ rc: z.int() });

for (
  const [what, result, throws] of [
    ["accepts structured content", { content: [], structuredContent: { rc: 0 } }, false],
    ["throws on a success without structured content", { content: [] }, true],
    ["asks no structured content of a failure", { content: [], isError: true }, false],
  ] satisfies [string, CallToolResult, boolean][]
) {
  Deno.test(`Tool.call() with an output schema ${what}`, async () => {
    const tool = defineTool({
      name: "out",
      title: "Out",
      description: "Out",
      input: z.object({}),
      output: OUTPUT,
      readOnly: false,
      run: () => Promise.resolve(result),
    });
    assert.equal(tool.outputSchema?.type, "object");
    if (throws) await assert.rejects(tool.call({}, CONTEXT), TypeError);
    else assert.equal(await tool.call({}, CONTEXT), result);
  });
}
