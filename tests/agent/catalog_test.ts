import assert from "node:assert/strict";
import { createAgentTools } from "../../lib/agent/catalog.ts";
import { errorOf, PLAIN_AGENT, startAgent } from "./agent.ts";

const TOOLS = createAgentTools(PLAIN_AGENT);

Deno.test("createAgentTools() serves its tools in a fixed order", () => {
  assert.deepEqual(TOOLS.map((tool) => tool.name), [
    "shell",
    "shell_bg",
    "jobs",
    "job_output",
    "job_kill",
    "read_file",
    "read_part",
    "write_file",
    "write_bytes",
    "edit_file",
    "apply_edits",
    "list_dir",
    "list_details",
    "search_files",
    "search_text",
    "copy_read",
    "copy_write",
  ]);
});

Deno.test("createAgentTools() describes each tool, each argument and each result", () => {
  for (const { name, title, description, inputSchema, outputSchema } of TOOLS) {
    assert.ok(title !== "" && description !== "", name);
    assert.equal(inputSchema.type, "object");
    assert.equal(outputSchema?.type, "object");
    for (const [argument, schema] of Object.entries(inputSchema.properties ?? {})) {
      assert.ok(schema.description, `${name} ${argument}`);
    }
  }
});

Deno.test("createAgentTools() says of each tool what it may do", () => {
  const hints = TOOLS.map(({ name, annotations }) => [
    name,
    annotations.readOnlyHint,
    annotations.destructiveHint,
    annotations.idempotentHint,
    annotations.openWorldHint,
  ]);
  assert.deepEqual(hints, [
    ["shell", false, true, false, true],
    ["shell_bg", false, true, false, true],
    ["jobs", true, undefined, undefined, false],
    ["job_output", true, undefined, undefined, false],
    ["job_kill", false, true, true, false],
    ["read_file", true, undefined, undefined, false],
    ["read_part", true, undefined, undefined, false],
    ["write_file", false, true, true, false],
    ["write_bytes", false, true, true, false],
    ["edit_file", false, true, false, false],
    ["apply_edits", false, true, false, false],
    ["list_dir", true, undefined, undefined, false],
    ["list_details", true, undefined, undefined, false],
    ["search_files", true, undefined, undefined, false],
    ["search_text", true, undefined, undefined, false],
    ["copy_read", true, undefined, undefined, false],
    ["copy_write", false, true, true, false],
  ]);
});

Deno.test("createAgentTools() has the defaults that the hub announces to its clients", () => {
  const defaults = TOOLS.flatMap(({ name, inputSchema }) =>
    Object.entries(inputSchema.properties ?? {})
      .filter(([, schema]) => "default" in schema)
      .map(([argument, schema]) => [name, argument, schema.default])
  );
  assert.deepEqual(defaults, [
    ["shell", "cwd", ""],
    ["shell", "timeout", 120],
    ["shell_bg", "cwd", ""],
    ["shell_bg", "log", ""],
    ["shell_bg", "name", ""],
    ["shell_bg", "wait", 0],
    ["job_output", "context", 0],
    ["job_output", "wait", 0],
    ["job_output", "max_chars", 30_000],
    ["job_kill", "by", "agent"],
    ["edit_file", "replace_all", false],
    ["list_dir", "path", "."],
    ["list_details", "path", "."],
    ["search_files", "path", "/"],
    ["search_text", "path", "/"],
  ]);
});

const REFUSED: readonly [tool: string, args: Record<string, unknown>, text: RegExp][] = [
  ["shell", { command: "a\0b" }, /bad `command` parameter: .*NUL/],
  ["shell", { command: "a", cwd: "b\0" }, /bad `cwd` parameter: .*NUL/],
  ["shell", { command: "\ud800" }, /bad `command` parameter: .*surrogate/],
  ["shell", { command: "a", timeout: 0 }, /bad `timeout` parameter: 0: it is not above 0/],
  ["shell", { command: "a", timeout: 1.5 }, /bad `timeout` parameter: 1.5 is not an integer/],
  ["shell", { command: "a", timeout: 3e6 }, /bad `timeout` parameter: 3000000: it is above/],
  ["shell", { command: "a", dir: "/" }, /unknown `dir` parameter/],
  ["shell_bg", { command: "a", log: "b\0" }, /bad `log` parameter: .*NUL/],
  ["shell_bg", { command: "a", name: "b\nc" }, /bad `name` parameter: .*line/],
  ["shell_bg", { command: "a", wait: 601 }, /bad `wait` parameter/],
  ["jobs", { state: "odd" }, /bad `state` parameter/],
  ["job_output", { id: "../../x" }, /bad `id` parameter: .*not the id of a job/],
  ["job_output", { id: "0123456" }, /bad `id` parameter: .*not the id of a job/],
  ["job_output", { id: "01234567", offset: 1, tail: 1 }, /`offset` and `tail` do not go together/],
  ["job_output", { id: "01234567", grep: "" }, /bad `grep` parameter/],
  ["job_output", { id: "01234567" }, /no such job "01234567"/],
  ["job_kill", { id: "$(id)", signal: "KILL" }, /bad `id` parameter: .*not the id of a job/],
  ["job_kill", { id: "01234567", signal: "9" }, /bad `signal` parameter/],
  ["job_kill", { id: "01234567", by: "a b" }, /bad `by` parameter: .*no name/],
  ["read_file", {}, /missing `path` parameter/],
  ["read_file", { path: "" }, /cannot read "": no such file or directory/],
  ["read_file", { path: "a\0" }, /bad `path` parameter: .*NUL/],
  ["write_file", { path: "a", content: "\udc00" }, /bad `content` parameter: .*surrogate/],
  ["edit_file", { path: "a", old_string: "", new_string: "b" }, /bad `old_string` .*empty/],
  ["list_dir", { path: "a\0" }, /bad `path` parameter: .*NUL/],
  ["search_files", { pattern: "a\0" }, /bad `pattern` parameter: .*NUL/],
];

for (const [tool, args, text] of REFUSED) {
  Deno.test(`${tool} refuses ${JSON.stringify(args)}`, async () => {
    await using agent = await startAgent();
    assert.match(errorOf(await agent.call(tool, args)), text);
  });
}
