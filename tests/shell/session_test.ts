import assert from "node:assert/strict";
import { OutputCapture } from "../../lib/shell/output.ts";
import { runScript, spawnBash } from "./session_runs.ts";

for (const code of [0, 1, 2, 77, 126, 127, 255]) {
  Deno.test(`runInSession() returns exit code ${code}`, async () => {
    const { result } = await runScript(`exit ${code}`);
    assert.deepEqual(result, { kind: "ran", exitCode: code, ended: "itself" });
  });
}

Deno.test("runInSession() returns 128 + N for a command ended by signal N", async () => {
  const { result } = await runScript("kill -KILL $$");
  assert.deepEqual(result, { kind: "ran", exitCode: 137, ended: "itself" });
});

Deno.test("runInSession() keeps both streams apart, and joins them in order", async () => {
  const directory = await Deno.makeTempDir();
  // Each piece waits until the one before it was read.
  let pieces = 0;
  const wait = (count: number) => `until [ -e '${directory}/${count}' ]; do sleep 0.02; done`;
  const { output } = await runScript(
    `echo out; ${wait(1)}; echo err >&2; ${wait(2)}; echo end`,
    { onOutput: () => Deno.writeTextFileSync(`${directory}/${++pieces}`, "") },
  );
  assert.deepEqual(output, {
    text: "out\nerr\nend\n",
    stdout: "out\nend\n",
    stderr: "err\n",
    truncated: false,
  });
  await Deno.remove(directory, { recursive: true });
});

Deno.test("runInSession() adds and takes no byte of the output", async () => {
  const { output } = await runScript("printf 'no line end'; printf '' >&2");
  assert.equal(output.text, "no line end");
});

Deno.test("runInSession() drops what start-up files print, on both streams", async () => {
  const child = spawnBash();
  await child.write(new TextEncoder().encode("echo welcome; echo warning >&2\n"));
  const { output } = await runScript("echo mine", { child });
  assert.equal(output.text, "mine\n");
});

Deno.test("runInSession() works in a shell that echoes what it does", async () => {
  const child = spawnBash();
  await child.write(new TextEncoder().encode("set -xv\n"));
  const { result, output } = await runScript("echo mine", { child });
  assert.deepEqual(result, { kind: "ran", exitCode: 0, ended: "itself" });
  assert.equal(output.stdout, "mine\n");
});

Deno.test("runInSession() gives a script end-of-file as its input", async () => {
  const { result, output } = await runScript("cat; read -r x || echo none");
  assert.equal(output.text, "none\n");
  assert.equal(result.kind, "ran");
});

Deno.test("runInSession() gives a script its input bytes, as they are", async () => {
  const input = crypto.getRandomValues(new Uint8Array(60_000));
  const output = new OutputCapture({ headBytes: input.length, tailBytes: 0 });
  const { result } = await runScript(`head -c ${input.length}`, { input, output });
  assert.equal(result.kind, "ran");
  assert.deepEqual(output.bytes("stdout"), input);
});

Deno.test("runInSession() carries megabytes both ways at once", async () => {
  const input = new Uint8Array(3_000_000).fill(0x61);
  const output = new OutputCapture({ headBytes: input.length, tailBytes: 0 });
  await runScript(`head -c ${input.length}`, { input, output });
  assert.equal(output.bytes("stdout").length, input.length);
});

Deno.test("runInSession() runs a script of 300 KB", async () => {
  const { output } = await runScript(`x='${"y".repeat(300_000)}'\necho "\${#x}"`);
  assert.equal(output.text, "300000\n");
});

for (
  const command of ["echo 'unbalanced", 'echo "unbalanced', "echo $(unbalanced", "if true", "}"]
) {
  Deno.test(`runInSession() survives a script with bad syntax: ${command}`, async () => {
    const { result, output } = await runScript(`echo first\n${command}`);
    assert.equal(result.kind === "ran" && result.exitCode !== 0, true);
    assert.match(output.stderr, /syntax error|unexpected EOF/);
    assert.doesNotMatch(output.stderr, /REPLY|set --/);
  });
}

Deno.test("runInSession() survives a here-document without an end", async () => {
  const { result, output } = await runScript("cat <<EOF\nbody");
  assert.deepEqual(result, { kind: "ran", exitCode: 0, ended: "itself" });
  assert.equal(output.stdout, "body\n");
});

Deno.test("runInSession() refuses a script with a NUL character, and ends the shell", async () => {
  const child = spawnBash();
  await assert.rejects(runScript("echo a\0b", { child }), RangeError);
  await child.exited;
});

Deno.test("runInSession() reports when the shell is ready, and each piece of output", async () => {
  const reported: string[] = [];
  await runScript("echo a; sleep 0.03; echo b >&2", {
    onReady: () => reported.push("ready"),
    onOutput: (bytes) => reported.push(new TextDecoder().decode(bytes)),
  });
  assert.deepEqual(reported, ["ready", "a\n", "b\n"]);
});

Deno.test("runInSession() does not let a script write the frame's markers", async () => {
  const nonce = "known";
  const { result, output } = await runScript("echo known+; echo 'known!'; exit 5", { nonce });
  assert.deepEqual(result, { kind: "ran", exitCode: 5, ended: "itself" });
  assert.equal(output.stdout, "known+\nknown!\n");
});

Deno.test("runInSession() ends a command whose output is to be whole and is too much", async () => {
  const output = new OutputCapture({ headBytes: 1000, tailBytes: 0 });
  const { result } = await runScript("yes", { output, stopWhenFull: true });
  assert.deepEqual(result, { kind: "ran", exitCode: 143, ended: "output_full" });
  assert.equal(output.truncated, true);
});

Deno.test("runInSession() keeps head and tail of a long output, in bounded memory", async () => {
  const output = new OutputCapture({ headBytes: 1000, tailBytes: 1000 });
  const { output: text } = await runScript("seq 1000000", { output });
  assert.ok(text.stdout.startsWith("1\n2\n"));
  assert.ok(text.stdout.endsWith("999999\n1000000\n"));
  assert.match(text.stdout, /\[\.\.\. 6886896 bytes are missing here \.\.\.\]/);
});
