import assert from "node:assert/strict";
import { openSshdTarget, type SshdTarget, sshTest } from "./target.ts";

/** A host whose bash reads such a `.bashrc` in a home of its own, as it does for each login by ssh. */
async function openWithBashrc(bashrc: string): Promise<SshdTarget & { readonly home: string }> {
  const home = await Deno.makeTempDir({ prefix: "home-" });
  await Deno.writeTextFile(`${home}/.bashrc`, `${bashrc}\n`);
  const start = `export HOME=${home}; cd; exec bash -c '. ~/.bashrc; eval "$SSH_ORIGINAL_COMMAND"'`;
  const target = await openSshdTarget({ serverConfig: [`ForceCommand ${start}`] });
  return {
    ...target,
    home,
    [Symbol.asyncDispose]: async () => {
      await target[Symbol.asyncDispose]();
      await Deno.remove(home, { recursive: true });
    },
  };
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(directory));
  // What fish keeps in every home it has seen.
  const names = entries.map(({ name }) => name);
  return names.filter((name) => name !== ".config" && name !== ".local").sort();
}

for (const shell of ["csh", "tcsh", "zsh", "dash", "sh"]) {
  sshTest(
    `Ssh.run() leaves nothing behind where .bashrc goes on as ${shell}, and says so at once`,
    async () => {
      await using target = await openWithBashrc(`command -v ${shell} >/dev/null && exec ${shell}`);
      const { kind, reason } = await target.run("echo ran >ran");
      assert.equal(kind, "not_delivered");
      assert.match(reason ?? "", /^no bash on the host, or its start-up failed: exit 9/);
      assert.deepEqual(await filesIn(target.home), [".bashrc"]);
    },
  );
}

sshTest("Ssh.run() leaves nothing behind where .bashrc goes on as fish", async () => {
  await using target = await openWithBashrc("command -v fish >/dev/null && exec fish");
  const host = { ...target.host, timeouts: { ...target.host.timeouts, sshMs: 3_000 } };
  const { kind, reason } = await target.run("echo ran >ran", { host });
  assert.deepEqual([kind, reason], [
    "not_delivered",
    "ssh connect failed: no shell within 5 s",
  ]);
  assert.deepEqual(await filesIn(target.home), [".bashrc"]);
});

for (const redirection of ["1>&2", "2>&1"]) {
  sshTest(`Ssh.run() shows no marker where .bashrc does "exec ${redirection}"`, async () => {
    await using target = await openWithBashrc(`exec ${redirection}; echo noise`);
    const { kind, text } = await target.run("echo out; echo err >&2");
    assert.deepEqual([kind, text], ["ran", "out\nerr\n"]);
  });
}

sshTest(
  "Ssh.run() needs nothing in PATH but bash, and says where not even that is there",
  async () => {
    await using target = await openWithBashrc('export PATH="$HOME"');
    assert.match((await target.run("echo mine")).reason ?? "", /bash: command not found$/);
    await Deno.symlink("/bin/bash", `${target.home}/bash`);
    const { kind, text } = await target.run("echo mine; (exit 3) || echo $?");
    assert.deepEqual([kind, text], ["ran", "mine\n3\n"]);
  },
);

sshTest("Ssh.run() says why a host's shell could not start a command", async () => {
  await using target = await openWithBashrc("ulimit -n 8");
  const { kind, reason } = await target.run("echo mine");
  assert.equal(kind, "not_delivered");
  assert.match(reason ?? "", /^the host's shell could not start it: bash: .*Too many open files$/);
});

sshTest("Ssh.run() says what a host says on stdout alone", async () => {
  await using target = await openSshdTarget({
    serverConfig: ["ForceCommand echo 'This account is not available.'; exit 1"],
  });
  const { kind, reason } = await target.run("echo mine");
  assert.equal(kind, "not_delivered");
  assert.match(reason ?? "", /failed: exit 1: This account is not available\.$/);
});
