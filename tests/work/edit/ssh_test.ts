import assert from "node:assert/strict";
import type { Ssh } from "../../../lib/fleet/ssh/client.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { OutputCapture } from "../../../lib/shell/output.ts";
import { EARLIER } from "../../../lib/tools/key.ts";
import type { Script } from "../../../lib/work/script.ts";
import { sha256 } from "../../agent/sha256.ts";
import { summary } from "../../fleet/answers.ts";
import { openSshdTarget, type SshdTarget, sshTest } from "../../fleet/ssh/target.ts";
import { openHub } from "../../lab/hub.ts";
import { until } from "../../processes.ts";

const OLD = "one\ntwo\nthree\n";
const NEW = "one\n2\nthree\n";
const EDIT = { old_string: "two", new_string: "2" };

/** A hub for one host over ssh, and a file on that host, which is this machine. */
interface EditLab extends AsyncDisposable {
  readonly directory: string;
  readonly path: string;
  readonly target: SshdTarget;
  readonly edit: (args?: JsonObject) => Promise<ReturnType<typeof summary>>;
}

/** Opens it; `change` makes of the ssh of the hub what it is to be. */
async function openEditLab(
  change: (ssh: Ssh, directory: string) => Ssh = (ssh) => ssh,
): Promise<EditLab> {
  const target = await openSshdTarget();
  const directory = await Deno.makeTempDir({ prefix: "edit-" });
  const path = `${directory}/file`;
  await Deno.writeTextFile(path, OLD);
  const hub = openHub({ hosts: [target.host], ssh: change(target.ssh, directory) });
  return {
    directory,
    path,
    target,
    edit: async (args = {}) =>
      summary(await hub.call("remote_edit_file", { host: "target", path, ...EDIT, ...args })),
    [Symbol.asyncDispose]: async () => {
      await hub[Symbol.asyncDispose]();
      await target[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Has something done with the script that replaces the file. */
function replacing(ssh: Ssh, run: Ssh["run"]): Ssh {
  return {
    ...ssh,
    run: (host, script, options) =>
      script.source.includes("\nreplaces=") || script.source.startsWith("size=")
        ? run(host, script, options)
        : ssh.run(host, script, options),
  };
}

function hashOf(text: string): Promise<string> {
  return sha256(new TextEncoder().encode(text));
}

async function namesIn(directory: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(directory), ({ name }) => name)).sort();
}

sshTest("an edit over ssh of a file that another writer changes meanwhile is refused", async () => {
  const other = "one\ntwo\nthree\nfour\n";
  await using lab = await openEditLab((ssh, directory) =>
    replacing(ssh, async (host, script, options) => {
      await Deno.writeTextFile(`${directory}/file`, other);
      return await ssh.run(host, script, options);
    })
  );
  const { outcome, text } = await lab.edit();
  assert.equal(outcome, "failed");
  assert.ok(
    text.endsWith(
      `cannot edit "${lab.path}": it changed meanwhile and has now 19 bytes, sha256 ` +
        await hashOf(other),
    ),
    text,
  );
  assert.equal(await Deno.readTextFile(lab.path), other);
  assert.deepEqual(await namesIn(lab.directory), ["file"]);
});

sshTest("an edit over ssh of a file that is removed meanwhile is refused", async () => {
  await using lab = await openEditLab((ssh, directory) =>
    replacing(ssh, async (host, script, options) => {
      await Deno.remove(`${directory}/file`);
      return await ssh.run(host, script, options);
    })
  );
  const { outcome, text } = await lab.edit();
  assert.equal(outcome, "failed");
  assert.match(text, /: it changed meanwhile and is not there any more$/);
  assert.deepEqual(await namesIn(lab.directory), []);
});

/** Where the script that replaces a file is stopped: before these words. */
const STEPS: readonly (readonly [what: string, words: string, isReplaced: boolean])[] = [
  ["nothing is there yet", "if said=$(mktemp ", false],
  ["the new file is empty", "said=$(head -c ", false],
  ["the new file is whole", 'whole "$(wc -c <', false],
  ["the new file has the mode", 'chmod "${wanted:-', false],
  ["the old content was compared", "no_link=\n", false],
  ["the file is replaced", "printf 'names ", true],
];

/** Has a script wait at a step until there is a file `go`, and say in `at` who runs it. */
function stopAt(script: Script, words: string, directory: string): Script {
  const parts = script.source.split(words);
  assert.equal(parts.length, 2, words);
  const stop = `printf '%s %s\\n' "$PPID" "$$" >'${directory}.at'
while [ ! -e '${directory}.go' ]; do sleep 0.02; done
`;
  return { ...script, source: parts.join(stop + words) };
}

/** A lab whose script of an edit stops where it has these words. */
function openStoppingLab(words: string) {
  return openEditLab((ssh, directory) =>
    replacing(
      ssh,
      (host, script, options) => ssh.run(host, stopAt(script, words, directory), options),
    )
  );
}

async function removeSigns(directory: string): Promise<void> {
  for (const sign of ["at", "go"]) await Deno.remove(`${directory}.${sign}`);
}

for (const [what, words, isReplaced] of STEPS) {
  sshTest(`an edit over ssh whose connection is cut when ${what} is found to be made`, async () => {
    await using lab = await openStoppingLab(words);
    const editing = lab.edit();
    await until(() => exists(`${lab.directory}.at`));
    for (const { process } of lab.target.children) process.kill("SIGKILL");
    assert.equal(await Deno.readTextFile(lab.path), isReplaced ? NEW : OLD);
    await Deno.writeTextFile(`${lab.directory}.go`, "");
    const { outcome, text } = await editing;
    assert.equal(outcome, "ok", text);
    assert.match(text, /^\[via ssh fallback\]\nReplaced 1 occurrence in /);
    assert.equal(await Deno.readTextFile(lab.path), NEW);
    assert.deepEqual(await namesIn(lab.directory), ["file"]);
    await removeSigns(lab.directory);
  });

  sshTest(`an edit over ssh that is killed when ${what} says whether it was made`, async () => {
    await using lab = await openStoppingLab(words);
    const editing = lab.edit();
    await until(() => exists(`${lab.directory}.at`));
    const pids = (await Deno.readTextFile(`${lab.directory}.at`)).trim().split(" ").map(Number);
    for (const pid of pids) Deno.kill(pid, "SIGKILL");
    const { outcome, text } = await editing;
    assert.equal(outcome, isReplaced ? "ok" : "not_delivered", text);
    assert.match(
      text,
      isReplaced
        ? /^\[via ssh fallback\]\nReplaced 1 occurrence in /
        : /; it began and was cut off; nothing has changed\nIt did not run\.$/,
    );
    assert.equal(await Deno.readTextFile(lab.path), isReplaced ? NEW : OLD);
    await Deno.writeTextFile(`${lab.directory}.go`, "");
    await removeSigns(lab.directory);
  });
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ size }) => size > 0, () => false);
}

/** Loses the answer of a script that cannot be claimed; `isRun` says whether it runs. */
function losing(ssh: Ssh, isRun: boolean): Ssh {
  return replacing(ssh, async (host, script, options) => {
    if (options.frameClaim) {
      return {
        kind: "not_delivered",
        reason: "no claims",
        exitCode: null,
        notClaimed: "unclaimable",
      };
    }
    if (isRun) await ssh.run(host, script, options);
    return {
      kind: "unknown",
      reason: "connection lost",
      output: new OutputCapture(script.limits),
    };
  });
}

sshTest("a lost answer to an edit over ssh without claims is settled by the hash", async () => {
  await using lab = await openEditLab((ssh) => losing(ssh, true));
  const { outcome, text } = await lab.edit();
  assert.equal(outcome, "ok", text);
  assert.ok(text.endsWith(`\nsha256 ${await hashOf(NEW)}`), text);
  assert.equal(await Deno.readTextFile(lab.path), NEW);
});

sshTest("an edit over ssh without claims that may still run is of unknown outcome", async () => {
  await using lab = await openEditLab((ssh) => losing(ssh, false));
  const { outcome, text } = await lab.edit();
  assert.equal(outcome, "unknown", text);
  assert.match(text, /connection lost; nothing has changed so far \| outcome unknown/);
});

sshTest(
  "an edit over ssh after which the file has a third content is of unknown outcome",
  async () => {
    const third = "third\n";
    await using lab = await openEditLab((ssh, directory) => {
      const lossy = losing(ssh, false);
      return replacing(lossy, async (host, script, options) => {
        if (!options.frameClaim) await Deno.writeTextFile(`${directory}/file`, third);
        return await lossy.run(host, script, options);
      });
    });
    const { outcome, text } = await lab.edit();
    assert.equal(outcome, "unknown", text);
    assert.ok(
      text.includes(`; the file has sha256 ${await hashOf(third)} | outcome unknown`),
      text,
    );
    assert.equal(await Deno.readTextFile(lab.path), third);
  },
);

sshTest("an edit over ssh whose reading is lost changes nothing, and says so", async () => {
  await using lab = await openEditLab((ssh) => ({
    ...ssh,
    run: (_host, { limits }) =>
      Promise.resolve({
        kind: "unknown",
        reason: "connection lost",
        output: new OutputCapture(limits),
      }),
  }));
  const { outcome, text } = await lab.edit();
  assert.deepEqual([outcome, text.split("\n").at(-1)], ["not_delivered", "It did not run."]);
});

sshTest("edits over ssh with one key are made once, and answered alike", async () => {
  await using lab = await openEditLab();
  const first = await lab.edit({ old_string: "two", new_string: "two two", key: "k" });
  const again = await lab.edit({ old_string: "two", new_string: "two two", key: "k" });
  assert.deepEqual([first.outcome, again.outcome], ["ok", "ok"]);
  assert.equal(again.text, `${first.text}\n${EARLIER}`);
  assert.equal(await Deno.readTextFile(lab.path), "one\ntwo two\nthree\n");
  const refused = await lab.edit({ old_string: "four", new_string: "4", key: "l" });
  await Deno.writeTextFile(lab.path, "four");
  const refusedAgain = await lab.edit({ old_string: "four", new_string: "4", key: "l" });
  assert.match(refused.text, /old_string does not occur in it/);
  assert.equal(refusedAgain.text, `${refused.text}\n${EARLIER}`);
  assert.equal(await Deno.readTextFile(lab.path), "four");
});
