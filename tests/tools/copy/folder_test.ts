import assert from "node:assert/strict";
import { SSHD } from "../../sshd.ts";
import { ODD_NAMES } from "../odd_names.ts";
import { openCopyLab } from "./lab.ts";

const WAYS = [
  ["agent1", "agent2"],
  ...(SSHD === null ? [] : [["agent1", "ssh"], ["ssh", "agent1"]]),
] as const;

for (const [source, target] of WAYS) {
  Deno.test(`remote_copy copies a folder from ${source} to ${target}, with modes, links and odd names`, async () => {
    await using lab = await openCopyLab(2, { withSsh: SSHD !== null });
    const from = `${lab.directory}/from`;
    await makeFolder(from);
    const { text, isError } = await lab.copy({
      from: `${source}:${from}`,
      to: `${target}:${lab.directory}/to`,
    });
    assert.equal(isError, false, text);
    assert.match(text, /^1 of 1 target has it: folder, as an archive of /);
    assert.match(
      text,
      /^left out: 3 links that lead out of it, 1 devices, pipes or sockets, 0 files/m,
    );
    assert.deepEqual(await listing(`${lab.directory}/to`), [
      ...(await listing(from)).filter((line) => !/^(out|up|climb|pipe) /.test(line)),
    ]);
    assert.deepEqual(await lab.leftOvers(), []);
  });
}

Deno.test("remote_copy does not replace a folder, but fills an empty one", async () => {
  await using lab = await openCopyLab(2);
  await makeFolder(`${lab.directory}/from`);
  await Deno.mkdir(`${lab.directory}/to/old`, { recursive: true });
  const args = { from: `agent1:${lab.directory}/from`, to: `agent2:${lab.directory}/to` };
  const { text, isError } = await lab.copy(args);
  assert.equal(isError, true);
  assert.match(text, /FAILED, nothing has changed: .*it exists already; move it away/);
  await Deno.remove(`${lab.directory}/to/old`);
  assert.equal((await lab.copy(args)).isError, false);
  assert.deepEqual(await lab.leftOvers(), []);
});

async function makeFolder(path: string): Promise<void> {
  await Deno.mkdir(`${path}/deep/er`, { recursive: true });
  for (const name of [...ODD_NAMES, "n".repeat(255)]) {
    await Deno.writeTextFile(`${path}/deep/${name}`, name);
  }
  await Deno.writeTextFile(`${path}/run`, "#!/bin/sh\n", { mode: 0o750 });
  await Deno.chmod(`${path}/run`, 0o750);
  await Deno.symlink("../run", `${path}/deep/inside`);
  await Deno.symlink("nowhere", `${path}/dangling`);
  await Deno.symlink("/etc/passwd", `${path}/out`);
  await Deno.symlink("../elsewhere", `${path}/up`);
  await Deno.symlink("deep/../../elsewhere", `${path}/climb`);
  const { success } = await new Deno.Command("mkfifo", { args: [`${path}/pipe`] }).output();
  assert.ok(success);
  await Deno.chmod(path, 0o711);
}

/** All there is in a folder: name, mode, and where it leads or what it holds. */
async function listing(path: string, below = ""): Promise<string[]> {
  const lines: string[] = [];
  for await (const { name, isDirectory, isSymlink, isFile } of Deno.readDir(path)) {
    const [at, shown] = [`${path}/${name}`, `${below}${name}`];
    if (isSymlink) lines.push(`${shown} -> ${await Deno.readLink(at)}`);
    else {
      const { mode } = await Deno.stat(at);
      lines.push(`${shown} ${mode} ${isFile ? await Deno.readTextFile(at) : ""}`);
    }
    if (isDirectory) lines.push(...await listing(at, `${shown}/`));
  }
  return lines.toSorted();
}
