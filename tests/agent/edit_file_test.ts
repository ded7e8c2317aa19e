import assert from "node:assert/strict";
import { errorOf, startAgent, textOf } from "./agent.ts";

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
    assert.equal(textOf(result), `Replaced ${occurrences} in ${path}`);
    const bytes = new TextEncoder().encode(after).length;
    assert.deepEqual(result.structuredContent, { replacements, bytes });
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
