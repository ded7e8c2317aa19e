import assert from "node:assert/strict";
import { writeFileProcedure } from "../../lib/work/write_file.ts";

/** Of `nobody`; any user but root will do, whom no mode holds back. */
const UNPRIVILEGED = { uid: 65534, gid: 65534 };

Deno.test("writeFileProcedure() refuses a file that its user may not write", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/file`;
  await Deno.writeTextFile(path, "old");
  await Deno.chmod(path, 0o444);
  await Deno.chmod(directory, 0o777);
  const child = new Deno.Command("bash", {
    args: ["-c", writeFileProcedure({ path, content: new Uint8Array(4) }).source],
    ...(Deno.uid() === 0 ? UNPRIVILEGED : {}),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [{ code, stderr }] = await Promise.all([child.output(), child.stdin.close()]);
  assert.equal(new TextDecoder().decode(stderr), `bash: line 1: ${path}: Permission denied\n`);
  assert.equal(code, 1);
  assert.equal(await Deno.readTextFile(path), "old");
  assert.deepEqual(await Array.fromAsync(Deno.readDir(directory), ({ name }) => name), ["file"]);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("writeFileProcedure() succeeds when nobody reads any more what it says", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/file`;
  await Deno.writeTextFile(path, "old");
  const { source } = writeFileProcedure({ path, content: new Uint8Array(3) });
  const script = '{ sleep 0.05; printf new | bash -c "$0"; } | :; exit "${PIPESTATUS[0]}"';
  const { code } = await new Deno.Command("bash", { args: ["-c", script, source] }).output();
  assert.equal(code, 0);
  assert.equal(await Deno.readTextFile(path), "new");
  await Deno.remove(directory, { recursive: true });
});
