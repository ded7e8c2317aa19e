import assert from "node:assert/strict";
import { sshTest } from "../../fleet/ssh/target.ts";
import { until } from "../../processes.ts";
import { openSshTools, type SshTools } from "../ssh_tools.ts";

const NOT_DELIVERED = "Error: lmcp: connect: connection refused | ssh: ";

function write(tools: SshTools, path: string, content = "new\n") {
  return tools.call("remote_write_file", { host: "target", path, content });
}

async function modeOf(path: string): Promise<string> {
  return (((await Deno.stat(path)).mode ?? 0) & 0o7777).toString(8);
}

/** What is in the host's directory, temporary files too. */
async function namesIn(tools: SshTools): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(tools.directory), ({ name }) => name);
  return names.sort();
}

sshTest("remote_write_file over ssh keeps the mode of a file", async () => {
  await using tools = await openSshTools();
  await Promise.all([0o600, 0o644, 0o755, 0o4711, 0o666].map(async (mode) => {
    const path = `${tools.directory}/${mode.toString(8)}`;
    await Deno.writeTextFile(path, "old");
    await Deno.chmod(path, mode);
    await write(tools, path);
    assert.equal(await modeOf(path), mode.toString(8));
    assert.equal(await Deno.readTextFile(path), "new\n");
  }));
});

for (const [umask, mode] of [["022", "644"], ["077", "600"], ["002", "664"]] as const) {
  sshTest(
    `remote_write_file over ssh makes a file of mode ${mode} with umask ${umask}`,
    async () => {
      await using tools = await openSshTools({
        serverConfig: [`ForceCommand umask ${umask}; exec bash -s`],
      });
      await write(tools, `${tools.directory}/new`);
      assert.equal(await modeOf(`${tools.directory}/new`), mode);
    },
  );
}

sshTest("remote_write_file over ssh follows links, and leaves them links", async () => {
  await using tools = await openSshTools();
  const { directory } = tools;
  await Deno.mkdir(`${directory}/sub`);
  await Deno.writeTextFile(`${directory}/sub/file`, "old");
  await Deno.symlink("sub/file", `${directory}/link`);
  await Deno.symlink("link", `${directory}/link to link`);
  await Deno.symlink(`${directory}/sub/dangling`, `${directory}/dangling`);
  await write(tools, `${directory}/link to link`);
  await write(tools, `${directory}/dangling`);
  assert.equal(await Deno.readTextFile(`${directory}/sub/file`), "new\n");
  assert.equal(await Deno.readTextFile(`${directory}/sub/dangling`), "new\n");
  for (const name of ["link", "link to link", "dangling"]) {
    assert.equal((await Deno.lstat(`${directory}/${name}`)).isSymlink, true);
  }
});

sshTest("remote_write_file over ssh says why it cannot write, and leaves nothing", async () => {
  await using tools = await openSshTools();
  const { directory } = tools;
  await Deno.symlink("loop", `${directory}/loop`);
  const faults = [
    [directory, "Is a directory"],
    [`${directory}/loop`, "Too many levels of symbolic links"],
    [`${directory}/missing/file`, "No such file or directory"],
    ["", "No such file or directory"],
    ["/proc/new", "No such file or directory"],
  ] as const;
  await Promise.all(faults.map(async ([path, fault]) => {
    const { text, isError, structured } = await write(tools, path);
    assert.equal(text, `${NOT_DELIVERED}write exit 1: bash: line 1: ${path}: ${fault}\n`);
    assert.deepEqual([isError, structured.outcome], [true, "failed"]);
  }));
  assert.deepEqual(await namesIn(tools), ["loop"]);
});

sshTest("remote_write_file over ssh writes through a pipe and a device", async () => {
  await using tools = await openSshTools();
  const pipe = `${tools.directory}/pipe`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  const read = new Deno.Command("cat", { args: [pipe] }).output();
  const written = await write(tools, pipe);
  assert.equal(written.text, `[via ssh fallback]\nWritten 4 bytes to ${pipe} (via ssh)`);
  assert.equal(new TextDecoder().decode((await read).stdout), "new\n");
  assert.equal((await write(tools, "/dev/null")).isError, false);
  assert.equal((await Deno.stat("/dev/null")).isCharDevice, true);
  assert.deepEqual(await namesIn(tools), ["pipe"]);
});

sshTest("remote_write_file over ssh leaves an old file whole when the stream is cut", async () => {
  await using tools = await openSshTools();
  const path = `${tools.directory}/file`;
  await Deno.writeTextFile(path, "old");
  await tools.call("remote_shell", { host: "target", command: ":" });
  const writing = write(tools, path, "x".repeat(40_000_000));
  await until(async () => (await namesIn(tools)).length === 2);
  tools.target.children.at(-1)?.process.kill("SIGKILL");
  const { structured } = await writing;
  assert.equal(structured.outcome, "failed");
  await until(async () => (await namesIn(tools)).length === 1);
  assert.equal(await Deno.readTextFile(path), "old");
});

sshTest("remote_write_file over ssh leaves nothing of a caller who left meanwhile", async () => {
  await using tools = await openSshTools();
  await tools.call("remote_shell", { host: "target", command: ":" });
  const caller = new AbortController();
  const args = { host: "target", path: `${tools.directory}/file`, content: "x".repeat(40_000_000) };
  const writing = tools.call("remote_write_file", args, caller.signal);
  await until(async () => (await namesIn(tools)).length === 1);
  caller.abort();
  await writing;
  await until(async () => (await namesIn(tools)).length === 0);
});
