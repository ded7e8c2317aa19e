import assert from "node:assert/strict";
import { findProcesses, uniqueSleep, until } from "../../processes.ts";
import { openSshdTarget, sshTest } from "./target.ts";

sshTest("Ssh.run() returns a command's own exit code, also 255", async () => {
  await using target = await openSshdTarget();
  await target.run(":");
  await Promise.all([0, 1, 2, 126, 127, 254, 255].map(async (code) => {
    const { kind, exitCode, ended } = await target.run(`exit ${code}`);
    assert.deepEqual({ kind, exitCode, ended }, { kind: "ran", exitCode: code, ended: "itself" });
  }));
});

sshTest("Ssh.run() works without a master, too", async () => {
  await using target = await openSshdTarget();
  const result = await target.run("echo out; echo err >&2; exit 255", { reuse: false });
  assert.deepEqual([result.exitCode, result.stdout, result.stderr], [255, "out\n", "err\n"]);
  assert.deepEqual(await Array.fromAsync(Deno.readDir(target.control)), []);
});

sshTest(
  "Ssh.run() ends a command and its children at the timeout, and keeps its output",
  async () => {
    await using target = await openSshdTarget();
    const [first, second] = [uniqueSleep(61), uniqueSleep(62)];
    const result = await target.run(`echo begun; sleep ${first} & (sleep ${second}) & wait`, {
      runMs: 2_000,
    });
    assert.deepEqual([result.kind, result.ended, result.stdout], ["ran", "timeout", "begun\n"]);
    assert.deepEqual(await findProcesses(first), []);
    assert.deepEqual(await findProcesses(second), []);
  },
);

for (const reuse of [true, false]) {
  const way = reuse ? "over a master" : "without a master";
  sshTest(`Ssh.run() ends a cancelled command ${way} within 3 s`, async () => {
    await using target = await openSshdTarget();
    await target.run(":", { reuse });
    const marker = uniqueSleep(61);
    const caller = new AbortController();
    const running = target.run(`trap '' TERM; sleep ${marker}; sleep ${marker}`, {
      signal: caller.signal,
      reuse,
    });
    await until(async () => (await findProcesses(`sleep ${marker}`)).length > 0);
    caller.abort();
    await until(async () => (await findProcesses(marker)).length === 0, 3_000);
    assert.equal((await running).ended, "cancelled");
  });

  sshTest(`Ssh.run() leaves no command behind when ssh is killed ${way}`, async () => {
    await using target = await openSshdTarget();
    await target.run(":", { reuse });
    const marker = uniqueSleep(61);
    const begun = Promise.withResolvers<string>();
    const options = { reuse, onProgress: begun.resolve };
    const running = target.run(`echo begun; sleep ${marker}`, options);
    await begun.promise;
    await until(async () => (await findProcesses(`sleep ${marker}`)).length > 0);
    target.children.at(-1)?.process.kill("SIGKILL");
    await until(async () => (await findProcesses(marker)).length === 0);
    const { kind, reason, stdout } = await running;
    assert.deepEqual([kind, stdout], ["unknown", "begun\n"]);
    assert.equal(reason, "connection lost after the command was sent");
  });
}

sshTest("Ssh.run() answers though a background job holds the pipes", async () => {
  await using target = await openSshdTarget();
  await target.run(":");
  const marker = uniqueSleep(61);
  const startedAt = performance.now();
  const { kind, ended, stdout } = await target.run(`sleep ${marker} & echo done`);
  assert.ok(performance.now() - startedAt < 10_000);
  assert.deepEqual([kind, ended, stdout], ["ran", "itself", "done\n"]);
  // Its process is the shell's for a moment.
  await until(async () => (await findProcesses(`sleep ${marker}`)).length === 1);
  for (const pid of await findProcesses(`sleep ${marker}`)) Deno.kill(pid, "SIGKILL");
});

sshTest("Ssh.run() shows nothing of what start-up files and banners print", async () => {
  await using target = await openSshdTarget({
    serverConfig: [
      'ForceCommand echo welcome; echo warning >&2; printf partial; printf partial >&2; eval "$SSH_ORIGINAL_COMMAND"',
    ],
  });
  for (const reuse of [true, false]) {
    const { text } = await target.run("echo mine", { reuse });
    assert.equal(text, "mine\n");
  }
});

sshTest("Ssh.run() is not harmed by RemoteCommand and forwards of the user's own", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using target = await openSshdTarget({
    clientConfig: [
      "RemoteCommand echo theirs",
      `LocalForward ${taken.addr.port} 127.0.0.1:9`,
      "ExitOnForwardFailure yes",
      "RequestTTY force",
      "ForwardAgent yes",
    ],
  });
  for (const reuse of [true, false]) {
    const { kind, text } = await target.run("tty; echo mine", { reuse });
    assert.deepEqual([kind, text], ["ran", "not a tty\nmine\n"]);
  }
});

sshTest(
  "Ssh.run() keeps the head and the tail of an endless output, and ends with it",
  async () => {
    await using target = await openSshdTarget();
    const limits = { headBytes: 1000, tailBytes: 1000 };
    const many = await target.run("seq 300000", { limits });
    assert.equal(many.truncated, true);
    assert.match(
      many.stdout,
      /^1\n2\n[^]*\n\[\.\.\. \d+ bytes are missing here \.\.\.\]\n[^]*300000\n$/,
    );
    assert.ok(many.stdout.length < 2_100);
    const endless = await target.run("yes", { limits, runMs: 1_500 });
    assert.deepEqual([endless.ended, endless.truncated], ["timeout", true]);
    const whole = await target.run("yes", { limits, wholeOutput: true });
    assert.equal(whole.ended, "output_full");
  },
);

sshTest("Ssh.run() reports each new line of output as it comes", async () => {
  await using target = await openSshdTarget();
  const lines: string[] = [];
  const seen = `${target.sshd.directory}/seen`;
  await target.run(`echo a; until [ -e ${seen} ]; do sleep 0.1; done; echo b >&2`, {
    onProgress: (line) => {
      lines.push(line);
      Deno.writeTextFileSync(seen, line);
    },
  });
  assert.deepEqual(lines, ["a", "b"]);
});

sshTest("Ssh.run() carries any byte both ways", async () => {
  await using target = await openSshdTarget();
  const input = Uint8Array.from({ length: 256 * 64 }, (_, index) => index % 256);
  const { stdout } = await target.run(`head -c ${input.length} | od -An -v -tx1 | tr -d ' \\n'`, {
    input,
  });
  assert.equal(stdout, input.toHex());
});
