import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createBash } from "../../lib/agent/bash.ts";
import { createEditFileTool } from "../../lib/agent/edit_file.ts";
import { createContents } from "../../lib/agent/contents.ts";
import { Secret } from "../../lib/base/secret.ts";
import { createKept } from "../../lib/agent/files/kept.ts";
import { createRoot } from "../../lib/agent/files/root.ts";
import { createFileQueue } from "../../lib/agent/files/queue.ts";
import { callContext } from "../mcp/call_context.ts";
import { errorOf, PLAIN_AGENT, startAgent, type TestAgentOptions, textOf } from "./agent.ts";

function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

interface Edit {
  readonly before: string;
  readonly old_string: string;
  readonly new_string: string;
  readonly replace_all?: boolean;
}

const EDITS: readonly (Edit & { after: string; replacements: number })[] = [
  { before: "a b c", old_string: "b", new_string: "x", after: "a x c", replacements: 1 },
  {
    before: "a.c abc",
    old_string: "a.c",
    new_string: "$&$1\\1",
    after: "$&$1\\1 abc",
    replacements: 1,
  },
  {
    before: "aXbX",
    old_string: "X",
    new_string: "",
    replace_all: true,
    after: "ab",
    replacements: 2,
  },
  {
    before: "one",
    old_string: "one",
    new_string: "",
    replace_all: true,
    after: "",
    replacements: 1,
  },
  { before: "a\r\nb\n", old_string: "\r\n", new_string: "\n", after: "a\nb\n", replacements: 1 },
  { before: "\ufeffé", old_string: "é", new_string: "ü", after: "\ufeffü", replacements: 1 },
  { before: "a", old_string: "a", new_string: "aa", after: "aa", replacements: 1 },
];

for (const { before, after, replacements, ...edit } of EDITS) {
  Deno.test(`edit_file makes ${JSON.stringify(after)} of ${JSON.stringify(before)}`, async () => {
    await using agent = await startAgent();
    const path = `${agent.directory}/file`;
    await Deno.writeTextFile(path, before);
    const result = await agent.call("edit_file", { path, ...edit });
    assert.equal(await Deno.readTextFile(path), after);
    const occurrences = replacements === 1 ? "1 occurrence" : `${replacements} occurrences`;
    const sha256 = sha256Of(after);
    const lines = textOf(result).split("\n");
    assert.equal(lines[0], `Replaced ${occurrences} in ${path}`);
    assert.match(lines[1] ?? "", /^@@ -1,\d \+1,\d @@$/);
    assert.equal(lines.at(-1), `sha256 ${sha256}`);
    const bytes = new TextEncoder().encode(after).length;
    assert.deepEqual(result.structuredContent, { replacements, bytes, sha256 });
  });
}

const REFUSALS: readonly (Edit & { reason: RegExp })[] = [
  { before: "abc", old_string: "x", new_string: "y", reason: /old_string does not occur in it/ },
  { before: "abc", old_string: "B", new_string: "y", reason: /old_string does not occur in it/ },
  { before: "abab", old_string: "ab", new_string: "y", reason: /old_string occurs 2 times in it/ },
  { before: "abc", old_string: "a", new_string: "a", reason: /are the same/ },
  {
    before: "a".repeat(1_000_000),
    old_string: "a",
    new_string: "b".repeat(100),
    replace_all: true,
    reason: /more than 32 MiB/,
  },
];

for (const { before, reason, ...edit } of REFUSALS) {
  Deno.test(`edit_file refuses with ${reason} and changes nothing`, async () => {
    await using agent = await startAgent();
    const path = `${agent.directory}/file`;
    await Deno.writeTextFile(path, before);
    const text = errorOf(await agent.call("edit_file", { path, ...edit }));
    assert.match(text, reason);
    assert.ok(text.startsWith(`Error: cannot edit "${path}": `));
    assert.equal(await Deno.readTextFile(path), before);
  });
}

Deno.test("edit_file refuses what read_file refuses, and a missing file", async () => {
  await using agent = await startAgent();
  const latin1 = `${agent.directory}/latin1`;
  await Deno.writeFile(latin1, new Uint8Array([0x61, 0xfc]));
  const strings = { old_string: "a", new_string: "b" };
  const edit = async (path: string) => errorOf(await agent.call("edit_file", { path, ...strings }));
  assert.match(await edit(latin1), /not UTF-8/);
  assert.match(await edit(agent.directory), /it is a directory/);
  assert.match(await edit(`${agent.directory}/none`), /no such file/);
  assert.deepEqual(await Deno.readFile(latin1), new Uint8Array([0x61, 0xfc]));
});

Deno.test("edit_file keeps the mode and follows links", async () => {
  await using agent = await startAgent();
  const path = `${agent.directory}/file`;
  await Deno.writeTextFile(path, "before");
  await Deno.chmod(path, 0o751);
  await Deno.symlink("file", `${agent.directory}/link`);
  textOf(
    await agent.call("edit_file", {
      path: `${agent.directory}/link`,
      old_string: "before",
      new_string: "after",
    }),
  );
  assert.equal(await Deno.readTextFile(path), "after");
  assert.equal(((await Deno.lstat(path)).mode ?? 0) & 0o7777, 0o751);
  assert.equal((await Deno.lstat(`${agent.directory}/link`)).isSymlink, true);
});

const LIMITS: readonly (readonly [string, TestAgentOptions])[] = [
  ["without limits", {}],
  ["with LMCP_ROOT", { root: "" }],
];

for (const [limits, options] of LIMITS) {
  Deno.test(`edit_file ${limits} has all of 20 edits at once in the file, by whatever name`, async () => {
    await using agent = await startAgent(options);
    const { directory } = agent;
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    await Deno.mkdir(`${directory}/real`);
    await Deno.symlink("real", `${directory}/folder`);
    await Deno.symlink("real/file", `${directory}/link`);
    await Deno.writeTextFile(`${directory}/real/file`, numbers.map((n) => `line ${n};`).join(""));
    const names = ["real/file", "folder/file", "link", "real/../real/./file"];
    const results = await Promise.all(numbers.map((number) =>
      agent.call("edit_file", {
        path: `${directory}/${names[number % names.length]}`,
        old_string: `line ${number};`,
        new_string: `done ${number};`,
      })
    ));
    for (const result of results) textOf(result);
    assert.equal(
      await Deno.readTextFile(`${directory}/real/file`),
      numbers.map((n) => `done ${n};`).join(""),
    );
  });

  Deno.test(`edit_file ${limits} refuses a file that changed since it was read`, async () => {
    await using agent = await startAgent(options);
    const path = `${agent.directory}/file`;
    const runBash = createBash(PLAIN_AGENT);
    const contents = createContents(runBash);
    const root = createRoot({
      ...PLAIN_AGENT,
      root: options.root === undefined ? "/" : agent.directory,
      findKept: createKept(PLAIN_AGENT),
      isWatchful: false,
    });
    for (const change of ["one twO", "one two three", ""]) {
      await Deno.writeTextFile(path, "one two");
      const tool = createEditFileTool({
        root,
        token: null,
        inTurn: createFileQueue(),
        contents: {
          ...contents,
          read: async (call) => {
            const reply = await contents.read(call);
            await Deno.writeTextFile(path, change);
            return reply;
          },
        },
      });
      const result = await tool.call(
        { path, old_string: "one", new_string: "1" },
        callContext(),
      );
      assert.equal(
        errorOf(result),
        `Error: cannot edit "${path}": it changed meanwhile and has now ${change.length} bytes, ` +
          `sha256 ${sha256Of(change)}`,
      );
      assert.equal(await Deno.readTextFile(path), change);
      const names = await Array.fromAsync(Deno.readDir(agent.directory), ({ name }) => name);
      assert.deepEqual(names, ["file"]);
    }
  });
}

Deno.test("edit_file and write_file at once leave one's content or the other's, whole", async () => {
  await using agent = await startAgent();
  const path = `${agent.directory}/file`;
  await Deno.writeTextFile(path, "a1");
  const results = await Promise.all(
    Array.from(
      { length: 20 },
      (_, index) =>
        index % 2 === 0
          ? agent.call("write_file", { path, content: `a${index}` })
          : agent.call("edit_file", { path, old_string: "a", new_string: "ab" }),
    ),
  );
  for (const result of results) textOf(result);
  assert.match(await Deno.readTextFile(path), /^ab*\d+$/);
});

Deno.test("edit_file and apply_edits show nothing of the agent's token around an edit", async () => {
  const token = "long-enough-token";
  await using agent = await startAgent({ token: new Secret(token) });
  const path = `${agent.directory}/file`;
  await Deno.writeTextFile(path, `one\ntoken = ${token}\nthree\n`);
  const edited = await agent.call("edit_file", { path, old_string: "three", new_string: "3" });
  assert.match(textOf(edited), /\n token = \[hidden\]\n-three\n\+3\n/);
  const edits = [{ old_string: "tokem = x\n3", new_string: "3" }];
  const refused = errorOf(await agent.call("apply_edits", { path, edits }));
  assert.match(refused, /The nearest lines are:\n2: token = \[hidden\]/);
});

Deno.test("edit_file waits for who has locked the folder", async () => {
  await using agent = await startAgent();
  const path = `${agent.directory}/file`;
  await Deno.writeTextFile(path, "one two");
  const args = { path, old_string: "one", new_string: "1" };
  using folder = await Deno.open(agent.directory);
  await folder.lock(true);
  const editing = agent.call("edit_file", args);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await Deno.readTextFile(path), "one two");
  await folder.unlock();
  textOf(await editing);
  assert.equal(await Deno.readTextFile(path), "1 two");
});
