import assert from "node:assert/strict";
import type { ChildProcess } from "../../lib/base/process.ts";
import type { SessionResult } from "../../lib/shell/conclusion.ts";
import { inOpenDirectory, makeBashRoot, rootTest, spawnHost, spawnUnprivileged } from "./hosts.ts";
import { runScript, runUntilItSpeaks, spawnBash } from "./session_runs.ts";

/** Longer than a pipe or an argument may be. */
const LONG = `x='${"y".repeat(150_000)}'; echo "\${#x}"`;

const RAN: SessionResult = { kind: "ran", exitCode: 42, ended: "itself" };

/** Fails unless scripts run in such shells, short ones and long ones, also where they must fork. */
async function assertWorks(spawn: () => ChildProcess): Promise<void> {
  const short = await runScript("echo mine; (exit 0) && exit 42", { child: spawn() });
  assert.deepEqual([short.result, short.output.stdout], [RAN, "mine\n"]);
  const long = await runScript(`${LONG}; exit 42`, { child: spawn() });
  assert.deepEqual([long.result, long.output.stdout], [RAN, "150000\n"]);
}

/** Fails unless nothing has run in such a shell, for this reason. */
async function assertRefused(child: ChildProcess, reason: RegExp): Promise<void> {
  const { result, output } = await runScript("echo mine", { child });
  assert.equal(output.text, "");
  assert.ok(result.kind === "not_started", JSON.stringify(result));
  assert.equal(result.why, "refused");
  assert.match(result.noise, reason);
  assert.doesNotMatch(result.noise, /[!+-]\n$/, "no marker is shown");
}

Deno.test("runInSession() needs no program but bash", async () => {
  await inOpenDirectory(async (directory) => {
    await Deno.symlink("/bin/bash", `${directory}/bash`);
    await assertWorks(() => spawnHost("exec bash -s", { PATH: directory }));
    const child = spawnHost("exec bash -s", { PATH: directory });
    const { result } = await runScript("cat /dev/null", { child });
    assert.deepEqual(result, { kind: "ran", exitCode: 127, ended: "itself" });
    const endless = await runUntilItSpeaks("trap '' TERM; echo there; while :; do :; done", {
      child: spawnHost("exec bash -s", { PATH: directory }),
    });
    assert.deepEqual(endless.result, { kind: "ran", exitCode: 137, ended: "cancelled" });
  });
});

for (
  const [what, setup] of [
    ["PATH is empty", "export PATH=; exec /bin/bash -s"],
    ["PATH is not set", "unset PATH; exec /bin/bash -s"],
    ["TMPDIR is missing", "export TMPDIR=/nowhere; exec bash -s"],
    ["the working directory is gone", 'd=$(mktemp -d); cd "$d"; rmdir "$d"; exec bash -s'],
    ["bash is to follow POSIX", "export POSIXLY_CORRECT=1; exec bash -s"],
    ["bash is to trace", "set -xv; export SHELLOPTS; exec bash -s"],
    ["bash is to leave on errors", "set -eu; export SHELLOPTS; exec bash -s"],
    ["bash is to export variables", "set -a; export SHELLOPTS; exec bash -s"],
    ["bash is to match no files", "set -f; export SHELLOPTS; exec bash -s"],
    ["reading has a time limit", "export TMOUT=1; exec bash -s"],
    ["short names are variables", "export s=1 c=2 j=3 m=4 t=5 n=6 k=7 r=8 u=9 x=; exec bash -s"],
    ["the locale is missing", "export LC_ALL=xx_XX.UTF-8; exec bash -s"],
    ["signals are ignored", "trap '' HUP INT TERM USR1 USR2 PIPE CHLD; exec bash -s"],
    ["descriptors are in use", "exec 3>&1 4>&1 5>&1 6>&1 7>&1; exec bash -s"],
    ["few files may be open", "ulimit -n 16; exec bash -s"],
  ] as const
) {
  Deno.test(`runInSession() works where ${what}`, async () => {
    await assertWorks(() => spawnHost(setup));
  });
}

for (
  const [what, file] of [
    ["sets options", "set -euf -o pipefail -o noclobber; IFS=0123456789"],
    ["prints", "echo noise; echo noise >&2; printf partial; printf partial >&2"],
    ["sets traps", "trap : EXIT ERR USR2 TERM"],
  ] as const
) {
  Deno.test(`runInSession() works where a file that bash reads first ${what}`, async () => {
    await inOpenDirectory(async (directory) => {
      await Deno.writeTextFile(`${directory}/env`, `${file}\n`);
      await assertWorks(() => spawnHost("exec bash -s", { BASH_ENV: `${directory}/env` }));
    });
  });
}

Deno.test("runInSession() says that nothing ran where a file that bash reads first exits", async () => {
  await inOpenDirectory(async (directory) => {
    // Not in the shell that gets the frame, but in the one that is to run the script.
    const file = `if [ -n "$SEEN" ]; then echo no more >&2; exit 0; fi; export SEEN=1\n`;
    await Deno.writeTextFile(`${directory}/env`, file);
    const child = spawnHost("unset SEEN; exec bash -s", { BASH_ENV: `${directory}/env`, SEEN: "" });
    await assertRefused(child, /^no more\n$/);
  });
});

for (
  const [what, file] of [
    ["leads output elsewhere", "exec >/dev/null 2>&1"],
    ["exchanges its outputs", "exec 9>&1 >&2 2>&9"],
    ["joins its outputs", "exec 2>&1"],
    ["closes its outputs", "exec >&- 2>&-"],
  ] as const
) {
  Deno.test(`runInSession() works where a file that only the second bash reads ${what}`, async () => {
    await inOpenDirectory(async (directory) => {
      await Deno.writeTextFile(`${directory}/env`, `[ -z "$SEEN" ] || ${file}; export SEEN=1\n`);
      await assertWorks(() => (
        spawnHost("unset SEEN; exec bash -s", { BASH_ENV: `${directory}/env`, SEEN: "" })
      ));
    });
  });
}

Deno.test("runInSession() runs nothing where `set` is a function that does nothing", async () => {
  await inOpenDirectory(async (directory) => {
    const child = spawnHost("set() { :; }; export -f set; exec bash -s");
    const { result } = await runScript(`echo >${directory}/file`, { child });
    assert.equal(result.kind, "not_started");
    await assert.rejects(Deno.stat(`${directory}/file`), Deno.errors.NotFound);
  });
});

Deno.test("runInSession() says that nothing ran where bash was removed meanwhile", async () => {
  await inOpenDirectory(async (directory) => {
    await Deno.copyFile("/bin/bash", `${directory}/bash`);
    await Deno.chmod(`${directory}/bash`, 0o755);
    const child = spawnHost(`exec ${directory}/bash -s`);
    await child.write(new TextEncoder().encode(`rm() { command -p rm "$@"; }; rm $BASH\n`));
    await assertRefused(child, /\/bash: No such file or directory\n$/);
  });
});

Deno.test("runInSession() says that nothing ran where stdout is closed or full", async () => {
  await assertRefused(spawnHost("exec bash -s >&-"), /Bad file descriptor\n$/);
  await assertRefused(spawnHost("exec bash -s >/dev/full"), /No space left on device\n$/);
});

for (const redirection of ["1>&2", "2>&1"]) {
  Deno.test(`runInSession() shows no marker after "exec ${redirection}"`, async () => {
    const child = spawnBash();
    await child.write(new TextEncoder().encode(`exec ${redirection}; echo noise\n`));
    const { result, output } = await runScript("echo out; echo err >&2; exit 42", { child });
    assert.deepEqual([result, output.text], [RAN, "out\nerr\n"]);
  });
}

rootTest(
  "runInSession() says that nothing ran at each limit of processes, or runs it",
  async () => {
    await inOpenDirectory(async (directory) => {
      const kinds = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(async (limit) => {
        const child = spawnUnprivileged(`ulimit -u ${limit}; exec bash -s`);
        const file = `${directory}/${limit}`;
        const { result } = await runScript(`echo >${file}; exit 42`, {
          child,
          runWithinMs: 60_000,
        });
        const ran = await Deno.stat(file).then(() => true, () => false);
        assert.equal(
          result.kind,
          ran ? "ran" : "not_started",
          `${limit}: ${JSON.stringify(result)}`,
        );
        if (result.kind === "not_started") {
          assert.equal(result.why, "refused");
          assert.match(result.noise, /bash: (fork: .+|cannot start a process)\n$/);
        }
        return result.kind;
      }));
      assert.deepEqual([kinds[0], kinds.at(-1)], ["not_started", "ran"]);
    });
  },
);

rootTest("runInSession() works where there is nothing but bash and /dev/null", async () => {
  await inOpenDirectory(async (directory) => {
    await makeBashRoot(directory, ["null"]);
    await assertWorks(() => spawnHost(`exec chroot ${directory} /bin/bash -s`));
  });
});

rootTest("runInSession() says that nothing ran where there is no /dev/null", async () => {
  await inOpenDirectory(async (directory) => {
    await makeBashRoot(directory, []);
    const child = spawnHost(`exec chroot ${directory} /bin/bash -s`);
    await assertRefused(child, /\/dev\/null: No such file or directory\n$/);
  });
});

rootTest("runInSession() works where all files are read-only", async () => {
  await inOpenDirectory(async (directory) => {
    const setup = `mount --rbind / ${directory} && mount -o remount,ro,bind ${directory} && ` +
      `exec chroot ${directory} /bin/bash -s`;
    const spawn = () => spawnHost(`exec unshare -m bash -c '${setup}'`);
    await assertWorks(spawn);
    const { output } = await runScript("echo >/tmp/file", { child: spawn() });
    assert.match(output.stderr, /Read-only file system/);
  });
});
