import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { SSHD } from "../../sshd.ts";
import { ODD_NAMES } from "../odd_names.ts";
import { openCopyLab } from "./lab.ts";

const MIB = 1024 * 1024;

/** Every transport with every other. */
const WAYS = [
  ["agent1", "agent2"],
  ...(SSHD === null ? [] : [["agent1", "ssh"], ["ssh", "agent1"], ["ssh", "ssh"]]),
] as const;

for (const [source, target] of WAYS) {
  Deno.test(`remote_copy copies a file from ${source} to ${target}, whole and with its mode`, async () => {
    await using lab = await openCopyLab(2, { withSsh: SSHD !== null });
    const bytes = randomBytes(9 * MIB + 12_345);
    await Deno.writeFile(`${lab.directory}/from`, bytes, { mode: 0o640 });
    await Deno.writeTextFile(`${lab.directory}/to`, "old", { mode: 0o600 });
    const { text, isError, structured, record } = await lab.copy({
      from: `${source}:${lab.directory}/from`,
      to: `${target}:${lab.directory}/to`,
    });
    assert.equal(isError, false, text);
    assert.deepEqual(await Deno.readFile(`${lab.directory}/to`), bytes);
    const { mode } = await Deno.stat(`${lab.directory}/to`);
    assert.equal((mode ?? 0) & 0o7777, 0o640);
    assert.equal(structured.sha256, createHash("sha256").update(bytes).digest("hex"));
    assert.match(text, /^1 of 1 target has it: file of 9\.4 MB, mode 640, sha256 [0-9a-f]{64} \(/);
    assert.match(text, new RegExp(`^== ${target}: copied$`, "m"));
    assert.deepEqual(await lab.leftOvers(), []);
    assert.deepEqual(record.deliveries.map(({ host, outcome }) => `${host} ${outcome}`), [
      `${source} ok`,
      `${target} ok`,
    ]);
  });
}

Deno.test("remote_copy copies empty and sparse files", async () => {
  await using lab = await openCopyLab(2, { withSsh: SSHD !== null });
  await Deno.writeTextFile(`${lab.directory}/empty`, "");
  const sparse = await Deno.open(`${lab.directory}/sparse`, { write: true, create: true });
  await sparse.truncate(10 * MIB + 1);
  sparse.close();
  for (const name of ["empty", "sparse"]) {
    const { text } = await lab.copy({
      from: `agent1:${lab.directory}/${name}`,
      to: `agent2:${lab.directory}/to-${name}`,
    });
    assert.match(text, /^1 of 1 target has it/);
    assert.deepEqual(
      await Deno.readFile(`${lab.directory}/to-${name}`),
      await Deno.readFile(`${lab.directory}/${name}`),
    );
  }
});

for (const [source, target] of WAYS) {
  Deno.test(`remote_copy copies odd names from ${source} to ${target}`, async () => {
    await using lab = await openCopyLab(2, { withSsh: SSHD !== null });
    await Deno.mkdir(`${lab.directory}/in`);
    await Deno.mkdir(`${lab.directory}/out`);
    await Promise.all([...ODD_NAMES, "n".repeat(255), "a:b"].map(async (name) => {
      await Deno.writeTextFile(`${lab.directory}/in/${name}`, `of ${name}`);
      const { text, isError } = await lab.copy({
        from: `${source}:${lab.directory}/in/${name}`,
        to: `${target}:${lab.directory}/out/`,
      });
      assert.equal(isError, false, text);
      assert.equal(await Deno.readTextFile(`${lab.directory}/out/${name}`), `of ${name}`);
    }));
    assert.deepEqual(await lab.leftOvers(`${lab.directory}/out`), []);
  });
}

Deno.test("remote_copy sends nothing to a target that has the file already", async () => {
  await using lab = await openCopyLab(2);
  const bytes = randomBytes(5 * MIB);
  await Deno.writeFile(`${lab.directory}/from`, bytes, { mode: 0o644 });
  const args = { from: `agent1:${lab.directory}/from`, to: `agent2:${lab.directory}/to` };
  await lab.copy(args);
  const { mtime } = await Deno.stat(`${lab.directory}/to`);
  const lines: string[] = [];
  const { text } = await lab.copy(args, { onProgress: (line) => lines.push(line) });
  assert.match(text, /^== agent2: it was there already$/m);
  assert.deepEqual((await Deno.stat(`${lab.directory}/to`)).mtime, mtime);
  assert.deepEqual(lines, []);
  assert.deepEqual(await lab.leftOvers(), []);
});

Deno.test("remote_copy goes on where it was cut", async () => {
  await using lab = await openCopyLab(2);
  const bytes = randomBytes(21 * MIB);
  await Deno.writeFile(`${lab.directory}/from`, bytes);
  const args = { from: `agent1:${lab.directory}/from`, to: `agent2:${lab.directory}/to` };
  const cutting = new AbortController();
  const cut = await lab.copy(args, {
    signal: cutting.signal,
    onProgress: (line) => line.startsWith("9 of 23 MB") && cutting.abort(),
  });
  assert.match(cut.text, /NOT COPIED, nothing has changed/);
  assert.equal((await lab.leftOvers()).length, 1);
  await assert.rejects(Deno.stat(`${lab.directory}/to`));
  const lines: string[] = [];
  const { text } = await lab.copy(args, { onProgress: (line) => lines.push(line) });
  assert.match(text, /^1 of 1 target has it/);
  assert.deepEqual(await Deno.readFile(`${lab.directory}/to`), bytes);
  assert.ok(lines.length > 0 && lines.length <= 4, lines.join("\n"));
  assert.deepEqual(await lab.leftOvers(), []);
});

Deno.test("remote_copy sends again what is another in a partial file", async () => {
  await using lab = await openCopyLab(2);
  const bytes = randomBytes(13 * MIB);
  await Deno.writeFile(`${lab.directory}/from`, bytes);
  const args = { from: `agent1:${lab.directory}/from`, to: `agent2:${lab.directory}/to` };
  const cutting = new AbortController();
  await lab.copy(args, {
    signal: cutting.signal,
    onProgress: (line) => line.startsWith("9 of") && cutting.abort(),
  });
  const [part = ""] = await lab.leftOvers();
  const file = await Deno.open(`${lab.directory}/${part}`, { write: true });
  await file.seek(5 * MIB, Deno.SeekMode.Start);
  await file.write(new Uint8Array(10));
  file.close();
  await lab.copy(args);
  assert.deepEqual(await Deno.readFile(`${lab.directory}/to`), bytes);
});

function randomBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return bytes;
}
