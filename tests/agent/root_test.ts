import assert from "node:assert/strict";
import { errorOf, startAgent, type TestAgent, textOf } from "./agent.ts";

/** An agent confined to `data`, with secrets beside it and links that lead there. */
async function startConfined(): Promise<TestAgent> {
  const agent = await startAgent({ root: "data" });
  const { directory } = agent;
  for (const name of ["data/sub", "data-evil", "outside"]) {
    await Deno.mkdir(`${directory}/${name}`, { recursive: true });
  }
  for (const name of ["data/file", "data-evil/file", "outside/file"]) {
    await Deno.writeTextFile(`${directory}/${name}`, "content");
  }
  await Deno.symlink(`${directory}/outside/file`, `${directory}/data/to-file`);
  await Deno.symlink("../outside", `${directory}/data/to-dir`);
  await Deno.symlink("../outside/new", `${directory}/data/to-new`);
  await Deno.symlink("/proc/self/environ", `${directory}/data/to-proc`);
  await Deno.symlink("file", `${directory}/data/to-inside`);
  return agent;
}

const ESCAPES = [
  "../outside/file",
  "/etc/passwd",
  "DIR/outside/file",
  "DIR/data-evil/file",
  "../data-evil/file",
  "sub/../../outside/file",
  "to-file",
  "to-dir/file",
  "to-dir/../outside/file",
  "DIR/data/../outside/file",
  "to-proc",
  "../no-such-file",
];

for (const escape of ESCAPES) {
  Deno.test(`LMCP_ROOT keeps every file tool from ${escape}`, async () => {
    await using agent = await startConfined();
    const path = escape.replace("DIR", agent.directory);
    const calls = [
      ["read_file", { path }],
      ["read_part", { path, offset: -1 }],
      ["read_part", { path, encoding: "base64" }],
      ["write_file", { path, content: "changed" }],
      ["write_bytes", { path, content: "changed", mode: "600" }],
      ["edit_file", { path, old_string: "content", new_string: "changed" }],
      ["apply_edits", { path, edits: [{ old_string: "content", new_string: "changed" }] }],
      ["list_dir", { path }],
      ["list_details", { path, long: true }],
      ["search_files", { path, pattern: "*" }],
      ["search_text", { path, content: "content" }],
      ["search_text", { path, pattern: "*", max: 3 }],
    ] as const;
    for (const [tool, args] of calls) {
      const text = errorOf(await agent.call(tool, args));
      assert.match(text, /: (it is outside "\/.*\/data", where|Deno keeps it from this agent)/);
    }
    for (const name of ["outside", "data-evil"]) {
      assert.equal(await Deno.readTextFile(`${agent.directory}/${name}/file`), "content");
    }
  });
}

for (const escape of ["to-dir/new", "to-new", "../outside/new", "../data-evil/new"]) {
  Deno.test(`LMCP_ROOT keeps write_file from making ${escape}`, async () => {
    await using agent = await startConfined();
    const text = errorOf(await agent.call("write_file", { path: escape, content: "new" }));
    assert.match(text, /it is outside/);
    for (const name of ["outside", "data-evil"]) {
      await assert.rejects(Deno.stat(`${agent.directory}/${name}/new`), Deno.errors.NotFound);
    }
  });
}

Deno.test("LMCP_ROOT is where relative paths start, and absolute ones work below it", async () => {
  await using agent = await startConfined();
  const { directory, call } = agent;
  assert.equal(textOf(await call("read_file", { path: "file" })), "content");
  assert.equal(textOf(await call("read_file", { path: `${directory}/data/file` })), "content");
  assert.equal(textOf(await call("read_file", { path: "sub/../file" })), "content");
  assert.equal(textOf(await call("read_file", { path: "to-inside" })), "content");
  const written = await call("write_file", { path: "sub/new", content: "new" });
  assert.equal(textOf(written), "Written 3 bytes to sub/new");
  assert.equal(await Deno.readTextFile(`${directory}/data/sub/new`), "new");
  assert.match(textOf(await call("list_dir", {})), /^file\nsub\n/);
  const found = await call("search_files", { pattern: "new" });
  assert.equal(textOf(found), `${directory}/data/sub/new\n`);
});

Deno.test("LMCP_ROOT itself may be a link", async () => {
  await using agent = await startAgent({ root: "link" });
  await Deno.mkdir(`${agent.directory}/real`);
  await Deno.symlink("real", `${agent.directory}/link`);
  textOf(await agent.call("write_file", { path: "file", content: "text" }));
  assert.equal(textOf(await agent.call("read_file", { path: "file" })), "text");
  const absolute = await agent.call("read_file", { path: `${agent.directory}/link/file` });
  assert.equal(textOf(absolute), "text");
});

Deno.test("LMCP_ROOT does not restrict shell", async () => {
  await using agent = await startConfined();
  const result = await agent.call("shell", { command: "cat outside/file", cwd: agent.directory });
  assert.equal(textOf(result), "[rc=0]\ncontent");
});
