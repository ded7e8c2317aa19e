import assert from "node:assert/strict";
import { openChainLab } from "../chained.ts";

/** What another program makes of a file. */
async function pack(program: string, path: string): Promise<Uint8Array> {
  const { success, stdout } = await new Deno.Command(program, { args: ["-c", path] }).output();
  assert.ok(success, program);
  return stdout;
}

Deno.test("a chain is read from gzip in several pieces, whatever the file is named", async () => {
  await using lab = await openChainLab();
  await lab.write(2);
  const first = await pack("gzip", lab.path);
  await Deno.rename(lab.path, `${lab.path}.2`);
  await lab.write(2);
  const second = await pack("gzip", lab.path);
  for (const name of [".1.gz", ".1"]) {
    await Deno.writeFile(lab.path + name, new Uint8Array([...first, ...second]));
    assert.deepEqual(await lab.check([name]), []);
  }
  await Deno.writeFile(`${lab.path}.1`, first.slice(0, -9));
  assert.match((await lab.check([".1"])).join(), /^audit\.1: error: cannot be read: /);
});

Deno.test("a file that is compressed in another way is not read as lines that were added", async () => {
  await using lab = await openChainLab();
  await lab.write(300);
  await Deno.rename(lab.path, `${lab.path}.1`);
  await lab.write(1);
  for (const program of ["xz", "bzip2"]) {
    await Deno.writeFile(`${lab.path}.1.z`, await pack(program, `${lab.path}.1`));
    assert.deepEqual(await lab.check([".1.z", ""]), [
      `audit.1.z: error: cannot be read: it is compressed with ${program}, and only gzip can be ` +
      "read: decompress it first",
    ]);
  }
});

Deno.test("a chain is read from a compressed file", async () => {
  await using lab = await openChainLab();
  await lab.write(2);
  await Deno.rename(lab.path, `${lab.path}.1`);
  await lab.write(2);
  const packed = new Response(
    new Blob([await Deno.readFile(`${lab.path}.1`)]).stream()
      .pipeThrough(new CompressionStream("gzip")),
  );
  await Deno.writeFile(`${lab.path}.1.gz`, await packed.bytes());
  assert.deepEqual(await lab.check([".1.gz", ""]), []);
});
