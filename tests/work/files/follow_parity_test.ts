import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { sshTest } from "../../fleet/ssh/target.ts";
import { startAgent } from "../../agent/agent.ts";
import { until } from "../../processes.ts";
import { type BothWays, openBothWays } from "../both_ways.ts";

const LIMIT_MS = 20_000;

/** What is done to a file; null: nothing. */
type Change = ((path: string) => Promise<void>) | null;

/** What both ways answer while a file changes, and what becomes of it. */
const CASES: readonly (readonly [
  what: string,
  args: JsonObject,
  change: Change,
  text: RegExp,
  details: { readonly next_offset: number; readonly changed: string | null },
])[] = [
  [
    "a whole line more",
    { offset: 3, follow: 600 },
    (path) => Deno.writeTextFile(path, "c\nd", { append: true }),
    /^c\n\[line 3 of 7 bytes, .*; next: offset=4\]$/,
    { next_offset: 4, changed: null },
  ],
  [
    "another file in its place",
    { offset: 3, follow: 600 },
    async (path) => {
      await Deno.rename(path, `${path}.1`);
      await Deno.writeTextFile(path, "a\nb\nc\nd\n");
    },
    /^\[no lines from 3 on of 4 bytes, .*; the file was replaced; next: offset=1\]$/,
    { next_offset: 1, changed: "replaced" },
  ],
  [
    "its removal",
    { offset: 3, follow: 600 },
    (path) => Deno.remove(path),
    /^\[no lines from 3 on of 4 bytes, .*; the file was replaced; next: offset=1\]$/,
    { next_offset: 1, changed: "replaced" },
  ],
  [
    "fewer bytes than before",
    { offset: 3, follow: 600 },
    (path) => Deno.truncate(path, 2),
    /^\[no lines from 1 on of 2 bytes, .*; the file was truncated; next: offset=1\]$/,
    { next_offset: 1, changed: "truncated" },
  ],
  [
    "fewer lines than before, at once",
    { offset: 9, follow: 600 },
    null,
    /^\[no lines from 1 on of 4 bytes, .*; the file was truncated; next: offset=1\]$/,
    { next_offset: 1, changed: "truncated" },
  ],
  [
    "lines that are there, at once",
    { offset: 2, follow: 600 },
    null,
    /^b\n\[line 2 of 4 bytes, .*; next: offset=3\]$/,
    { next_offset: 3, changed: null },
  ],
  [
    "a part of a line, which is held back",
    { offset: 3, follow: 5 },
    (path) => Deno.writeTextFile(path, "c", { append: true }),
    /^\[no lines from 3 on of 5 bytes, .*; next: offset=3\]$/,
    { next_offset: 3, changed: null },
  ],
];

for (const [what, args, change, text, details] of CASES) {
  sshTest(`remote_read_file with follow notices ${what}`, async () => {
    await using both = await openBothWays();
    const answers = await followBoth(both, args, change);
    for (const answer of answers) {
      assert.match(String(answer.text), text);
      const { next_offset, changed } = Object(answer.details);
      assert.deepEqual({ next_offset, changed }, details);
    }
    assert.deepEqual(answers[0], answers[1]);
  });
}

/** Each way with a file of its own, which changes when its script waits. */
async function followBoth(both: BothWays, args: JsonObject, change: Change) {
  const answers: JsonObject[] = [];
  for (const way of ["agent", "ssh"] as const) {
    const path = `${both.directory}/log of ${way}`;
    await Deno.writeTextFile(path, "a\nb\n");
    const answer = both.callOn(way, "remote_read_file", { path, ...args });
    if (change !== null) {
      await until(() => isOpen(path), LIMIT_MS);
      await change(path);
    }
    answers.push(await answer);
  }
  return answers;
}

/** Whether some process has a file open. */
async function isOpen(path: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("find", {
    args: ["/proc", "-maxdepth", "3", "-path", "*/fd/*", "-lname", path],
    stderr: "null",
  }).output();
  return stdout.length > 0;
}

Deno.test("read_part with follow ends when it is cancelled", async () => {
  await using agent = await startAgent();
  const path = `${agent.directory}/log`;
  await Deno.writeTextFile(path, "a\n");
  const cancel = new AbortController();
  const running = agent.call("read_part", { path, offset: 2, follow: 600 }, cancel.signal);
  await until(() => isOpen(path), LIMIT_MS);
  cancel.abort();
  const { content, isError } = await running;
  assert.equal(isError, true);
  assert.match(JSON.stringify(content), /cancelled/);
  assert.equal(await isOpen(path), false);
});
