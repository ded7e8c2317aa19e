import assert from "node:assert/strict";
import { sshTest } from "../../fleet/ssh/target.ts";
import { until } from "../../processes.ts";
import { openBothWays } from "../both_ways.ts";

const EDIT = { path: "file", old_string: "two", new_string: "2" };

/** A folder with all programs of this machine but one. */
async function programsWithout(missing: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "programs-" });
  for (const from of ["/usr/bin", "/bin"]) {
    for await (const { name } of Deno.readDir(from)) {
      if (name !== missing) {
        await Deno.symlink(`${from}/${name}`, `${folder}/${name}`).catch(() => {});
      }
    }
  }
  return folder;
}

/** Has the `ln` of such a folder leave a line in a file each time; returns the file. */
async function countLinks(programs: string): Promise<string> {
  const [ln, tries] = [`${programs}/ln`, `${programs}/tries`];
  const real = await Deno.readLink(ln);
  await Deno.remove(ln);
  const script = `#!/bin/sh\necho >>'${tries}'\nexec ${real} "$@"\n`;
  await Deno.writeTextFile(ln, script, { mode: 0o755 });
  return tries;
}

sshTest(
  "where there is no flock, a link is the lock of a folder, and none is left behind",
  async (test) => {
    const programs = await programsWithout("flock");
    const tries = await countLinks(programs);
    {
      await using both = await openBothWays(programs);
      const { directory } = both;
      const lock = `${directory}/.lmcp-lock`;
      const edit = async () => {
        await Deno.writeTextFile(`${directory}/file`, "one\ntwo\n");
        return await both.callOn("ssh", "remote_edit_file", EDIT);
      };
      const assertGone = () => assert.rejects(Deno.lstat(lock), Deno.errors.NotFound);

      await test.step("it is gone after an edit", async () => {
        assert.equal((await edit()).error, null);
        await assertGone();
      });
      await test.step("that of a process that is gone does not count", async () => {
        await Deno.symlink("4194305", lock);
        assert.equal((await edit()).error, null);
        await assertGone();
      });
      await test.step("that of a process that runs is waited for", async () => {
        await Deno.symlink(String(Deno.pid), lock);
        await Deno.remove(tries);
        const editing = edit();
        await until(async () => (await Deno.readTextFile(tries).catch(() => "")).length > 1);
        await Deno.remove(lock);
        assert.equal((await editing).error, null);
        await assertGone();
      });
      await test.step("that of a process whose number is used again does not count", async () => {
        await Deno.symlink(String(Deno.pid), lock);
        await new Deno.Command("touch", { args: ["-h", "-d", "2 minutes ago", lock] }).output();
        assert.equal((await edit()).error, null);
        await assertGone();
      });
      await test.step("of edits at once, each is whole or refused", async () => {
        const numbers = Array.from({ length: 8 }, (_, number) => number);
        await Deno.writeTextFile(`${directory}/file`, numbers.map((n) => `line ${n};\n`).join(""));
        const answers = await Promise.all(
          numbers.map((number) =>
            both.callOn("ssh", "remote_edit_file", {
              path: "file",
              old_string: `line ${number};`,
              new_string: `done ${number};`,
            })
          ),
        );
        const expected = numbers.map((number) =>
          `${answers[number]?.error === null ? "done" : "line"} ${number};\n`
        );
        assert.equal(await Deno.readTextFile(`${directory}/file`), expected.join(""));
        await assertGone();
      });
    }
    await Deno.remove(programs, { recursive: true });
  },
);
