import assert from "node:assert/strict";
import { createBash } from "../../lib/agent/bash.ts";
import { createContents } from "../../lib/agent/contents.ts";
import { createKept } from "../../lib/agent/files/kept.ts";
import { createRoot } from "../../lib/agent/files/root.ts";
import { createFileQueue } from "../../lib/agent/files/queue.ts";
import { createWriteFileTool } from "../../lib/agent/write_file.ts";
import { mountSmall } from "../mount_small.ts";
import { runOwnProcess } from "../own_process.ts";
import { callContext } from "../mcp/call_context.ts";
import { sha256 } from "./sha256.ts";
import { errorOf, PLAIN_AGENT, startAgent, type TestAgent, textOf } from "./agent.ts";

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o7777;
}

async function namesIn(directory: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(directory));
  return entries.map((entry) => entry.name).toSorted();
}

async function write(agent: TestAgent, path: string, content: string): Promise<string> {
  return textOf(await agent.call("write_file", { path, content }));
}

Deno.test("write_file creates a file and reports its size in bytes", async () => {
  await using agent = await startAgent();
  const path = `${agent.directory}/it's new`;
  const result = await agent.call("write_file", { path, content: "é\0\r\n\ufeff" });
  assert.equal(textOf(result), `Written 8 bytes to ${path}`);
  assert.deepEqual(result.structuredContent, {
    bytes: 8,
    sha256: await sha256(await Deno.readFile(path)),
  });
  assert.deepEqual(await Deno.readFile(path), new TextEncoder().encode("é\0\r\n\ufeff"));
  assert.deepEqual(await namesIn(agent.directory), ["it's new"]);
});

Deno.test("write_file writes an empty file, and one of many megabytes", async () => {
  await using agent = await startAgent();
  await write(agent, `${agent.directory}/empty`, "");
  assert.equal((await Deno.stat(`${agent.directory}/empty`)).size, 0);
  const content = "x".repeat(20_000_000);
  assert.match(await write(agent, `${agent.directory}/big`, content), /^Written 20000000 bytes/);
  assert.equal((await Deno.stat(`${agent.directory}/big`)).size, 20_000_000);
});

Deno.test("write_file gives a new file the mode that the umask says", async () => {
  for (const [umask, mode] of [["022", "644"], ["077", "600"], ["002", "664"]] as const) {
    assert.equal(await runOwnProcess("agent/written_file.ts", { umask }), `${mode}\n`);
  }
});

Deno.test("write_file keeps the mode of an existing file, whatever the umask", async () => {
  await using agent = await startAgent();
  const path = `${agent.directory}/existing`;
  for (const mode of [0o600, 0o755, 0o666, 0o4711]) {
    await Deno.writeTextFile(path, "before");
    await Deno.chmod(path, mode);
    await write(agent, path, "after");
    assert.equal(await modeOf(path), mode);
    assert.equal(await Deno.readTextFile(path), "after");
  }
});

Deno.test({
  name: "write_file keeps the owner of an existing file (as root)",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await using agent = await startAgent();
    const path = `${agent.directory}/owned`;
    await Deno.writeTextFile(path, "before");
    await Deno.chown(path, 1234, 2345);
    await write(agent, path, "after");
    const { uid, gid } = await Deno.stat(path);
    assert.deepEqual({ uid, gid }, { uid: 1234, gid: 2345 });
  },
});

Deno.test("write_file replaces a file at once: who has it open still reads the old content", async () => {
  await using agent = await startAgent();
  const path = `${agent.directory}/file`;
  await Deno.writeTextFile(path, "before");
  using file = await Deno.open(path);
  await write(agent, path, "after");
  const buffer = new Uint8Array(10);
  assert.equal(await file.read(buffer), 6);
  assert.equal(new TextDecoder().decode(buffer.subarray(0, 6)), "before");
});

Deno.test("write_file follows links to the file, and keeps the links", async () => {
  await using agent = await startAgent();
  const { directory } = agent;
  await Deno.mkdir(`${directory}/real`);
  await Deno.writeTextFile(`${directory}/real/file`, "before");
  await Deno.symlink("real", `${directory}/dir`);
  await Deno.symlink("dir/file", `${directory}/first`);
  await Deno.symlink(`${directory}/first`, `${directory}/second`);
  assert.equal(
    await write(agent, `${directory}/second`, "after"),
    `Written 5 bytes to ${directory}/second`,
  );
  assert.equal(await Deno.readTextFile(`${directory}/real/file`), "after");
  assert.equal((await Deno.lstat(`${directory}/second`)).isSymlink, true);
  assert.equal((await Deno.lstat(`${directory}/first`)).isSymlink, true);
});

Deno.test("write_file makes the file that a dangling link names, relative to the link", async () => {
  await using agent = await startAgent();
  const { directory } = agent;
  await Deno.mkdir(`${directory}/a/b`, { recursive: true });
  await Deno.symlink("a/b", `${directory}/dir`);
  // `..` behind a link is the parent of where the link leads.
  await Deno.symlink("dir/../target", `${directory}/link`);
  await write(agent, `${directory}/link`, "new");
  assert.equal(await Deno.readTextFile(`${directory}/a/target`), "new");
});

Deno.test("write_file refuses what it cannot write, and leaves nothing behind", async () => {
  await using agent = await startAgent();
  const { directory } = agent;
  await Deno.symlink("loop", `${directory}/loop`);
  await Deno.writeTextFile(`${directory}/file`, "");
  const names = await namesIn(directory);
  const refusals = [
    [`${directory}/none/file`, "no such file or directory"],
    [directory, "is a directory"],
    [`${directory}/`, "is a directory"],
    [`${directory}/.`, "is a directory"],
    [`${directory}/new/`, "no such file or directory"],
    [`${directory}/loop`, "too many levels of symbolic links"],
    [`${directory}/file/below`, "not a directory"],
    [`${directory}/${"x".repeat(300)}`, "file name too long"],
    ["", "no such file or directory"],
  ];
  for (const [path = "", reason = ""] of refusals) {
    const text = errorOf(await agent.call("write_file", { path, content: "x" }));
    assert.equal(text, `Error: cannot write "${path}": ${reason}`);
  }
  assert.deepEqual(await namesIn(directory), names);
});

Deno.test("write_file writes through a pipe and a device, which stay what they are", async () => {
  await using agent = await startAgent();
  const pipe = `${agent.directory}/pipe`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  const reading = new Deno.Command("cat", { args: [pipe] }).output();
  assert.equal(await write(agent, pipe, "new"), `Written 3 bytes to ${pipe}`);
  assert.equal(new TextDecoder().decode((await reading).stdout), "new");
  assert.equal((await Deno.lstat(pipe)).isFifo, true);
  assert.equal(await write(agent, "/dev/null", "new"), "Written 3 bytes to /dev/null");
  assert.equal((await Deno.lstat("/dev/null")).isCharDevice, true);
});

Deno.test("write_file does not wait long for who reads a pipe, and leaves nothing behind", async () => {
  await using agent = await startAgent();
  const name = `pipe-${crypto.randomUUID()}`;
  const pipe = `${agent.directory}/${name}`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  const root = createRoot({ ...PLAIN_AGENT, findKept: createKept(PLAIN_AGENT), isWatchful: false });
  const times = { fileMs: 1, kernelFileMs: 1, specialFileMs: 2_000 };
  const tool = createWriteFileTool({
    root,
    inTurn: createFileQueue(),
    contents: createContents(createBash(PLAIN_AGENT), times),
  });
  const text = errorOf(await tool.call({ path: pipe, content: "lost" }, callContext()));
  assert.equal(text, `Error: cannot write "${pipe}": it took too long`);
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "args="] }).output();
  assert.doesNotMatch(new TextDecoder().decode(stdout), new RegExp(name));
  assert.deepEqual(await namesIn(agent.directory), [name]);
  const reading = new Deno.Command("timeout", { args: ["0.2", "cat", pipe] }).output();
  assert.equal(new TextDecoder().decode((await reading).stdout), "");
});

Deno.test({
  name: "write_file leaves old content and no temporary file when the disk is full",
  ignore: Deno.uid() !== 0 || Deno.build.os !== "linux",
  fn: async () => {
    await using agent = await startAgent();
    const disk = `${agent.directory}/disk`;
    await using _mounted = await mountSmall(disk, { size: "64k" });
    await Deno.writeTextFile(`${disk}/file`, "before");
    const path = `${disk}/file`;
    const result = await agent.call("write_file", { path, content: "x".repeat(1_000_000) });
    assert.match(errorOf(result), /no space left on device$/);
    assert.equal(await Deno.readTextFile(path), "before");
    assert.deepEqual(await namesIn(disk), ["file"]);
  },
});
