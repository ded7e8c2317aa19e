import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { sha256 } from "../../agent/sha256.ts";
import { sshTest } from "../../fleet/ssh/target.ts";
import { mountSmall } from "../../mount_small.ts";
import { rootTest } from "../../shell/hosts.ts";
import { ODD_NAMES } from "../../tools/odd_names.ts";
import { openBothWays, type Way } from "../both_ways.ts";

const WAYS: readonly Way[] = ["agent", "ssh"];
const OLD = "old\n";
const OLD_HASH = await hashOf(OLD);
const NEW_HASH = await hashOf("new");

function hashOf(text: string): Promise<string> {
  return sha256(new TextEncoder().encode(text));
}

interface Case {
  readonly args: JsonObject;
  /** What is there before; absent: nothing. */
  readonly before?: string;
  readonly error?: string;
  /** What is there afterwards; absent: nothing. */
  readonly after?: string;
  readonly mode?: number;
}

const CHANGED = `it changed meanwhile and has now 4 bytes, sha256 ${OLD_HASH}`;

const CASES: readonly (readonly [what: string, Case])[] = [
  ["the hash of what is there", { args: { if_sha256: OLD_HASH }, before: OLD, after: "new" }],
  [
    "the hash in capitals",
    { args: { if_sha256: OLD_HASH.toUpperCase() }, before: OLD, after: "new" },
  ],
  ["another hash", { args: { if_sha256: NEW_HASH }, before: OLD, error: CHANGED, after: OLD }],
  [
    "a hash where nothing is",
    { args: { if_sha256: OLD_HASH }, error: "it changed meanwhile and is not there any more" },
  ],
  ["none where nothing is", { args: { if_sha256: "none" }, after: "new" }],
  [
    "none where a file is",
    {
      args: { if_sha256: "none" },
      before: OLD,
      error: `it is there already, with 4 bytes, sha256 ${OLD_HASH}`,
      after: OLD,
    },
  ],
  ["a mode", { args: { mode: "0640" }, after: "new", mode: 0o640 }],
  ["a mode of a file that is there", {
    args: { mode: "600" },
    before: OLD,
    after: "new",
    mode: 0o600,
  }],
  ["mode 0", { args: { mode: "0" }, after: "new", mode: 0 }],
  ["a mode with the sticky bit", { args: { mode: "1777" }, after: "new", mode: 0o1777 }],
  ["base64", { args: { encoding: "base64", content: "AP8K" }, after: "\0\ufffd\n" }],
  ["no base64 at all", {
    args: { encoding: "base64", content: "=a=" },
    before: OLD,
    error: "the content is not base64",
    after: OLD,
  }],
  ["nothing in base64", { args: { encoding: "base64", content: "" }, before: OLD, after: "" }],
];

sshTest("remote_write_file writes as it is asked to, or changes nothing", async (test) => {
  await using both = await openBothWays();
  for (const [at, [what, { args, before, error, after, mode }]] of CASES.entries()) {
    await test.step(what, async () => {
      const path = `${both.directory}/${at}`;
      const answers: JsonObject[] = [];
      for (const way of WAYS) {
        if (before === undefined) await Deno.remove(path).catch(() => {});
        else await Deno.writeTextFile(path, before);
        answers.push(
          await both.callOn(way, "remote_write_file", { path, content: "new", ...args }),
        );
        assert.equal(await Deno.readTextFile(path).catch(() => undefined), after);
        if (mode !== undefined) assert.equal(await modeOf(path), mode);
        assert.deepEqual(await temporaryFiles(both.directory), []);
      }
      const [agent, ssh] = answers;
      assert.deepEqual(ssh, agent);
      assert.equal(
        agent?.error,
        error === undefined ? null : `cannot write ${JSON.stringify(path)}: ${error}`,
      );
      if (error !== undefined) return;
      const bytes = await Deno.readFile(path);
      assert.deepEqual(agent?.details, { bytes: bytes.length, sha256: await sha256(bytes) });
      assert.match(String(agent?.text), /^Written \d+ bytes to \/.*\nsha256 [0-9a-f]{64}$/);
    });
  }
});

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o7777;
}

async function temporaryFiles(directory: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(directory), ({ name }) => name);
  return names.filter((name) => name.startsWith(".lmcp-"));
}

sshTest("remote_write_file says which hard links keep the old content", async () => {
  await using both = await openBothWays();
  const path = `${both.directory}/file`;
  for (const args of [{}, { if_sha256: OLD_HASH }]) {
    for (const way of WAYS) {
      await Deno.writeTextFile(path, OLD);
      for (const name of ["one", "two"]) await Deno.link(path, `${path}.${name}`);
      const answer = await both.callOn(way, "remote_write_file", { path, content: "new", ...args });
      assert.match(String(answer.text), /\n\[2 hard link\(s\) to it keep the old content\]$/);
      assert.deepEqual(answer.details, { bytes: 3, sha256: NEW_HASH, hard_links: 2 });
      for (const name of ["one", "two"]) {
        assert.equal(await Deno.readTextFile(`${path}.${name}`), OLD);
        await Deno.remove(`${path}.${name}`);
      }
    }
  }
});

sshTest("remote_write_file follows links under a condition, and leaves them links", async () => {
  await using both = await openBothWays();
  for (const way of WAYS) {
    await Deno.writeTextFile(`${both.directory}/${way}`, OLD);
    await Deno.symlink(way, `${both.directory}/to ${way}`);
    const args = { path: `to ${way}`, content: "new", if_sha256: OLD_HASH };
    assert.equal((await both.callOn(way, "remote_write_file", args)).error, null);
    assert.equal(await Deno.readTextFile(`${both.directory}/${way}`), "new");
    assert.equal((await Deno.lstat(`${both.directory}/to ${way}`)).isSymlink, true);
  }
});

sshTest("remote_write_file writes files with any name under a condition", async () => {
  await using both = await openBothWays();
  await Promise.all([...ODD_NAMES, "n".repeat(255)].map(async (name) => {
    const path = name === "~" ? "./~" : name;
    const content = btoa("new");
    const first = { path, content, encoding: "base64", if_sha256: "none", mode: "600" };
    for (
      const [way, args] of [["ssh", first], ["agent", { ...first, if_sha256: NEW_HASH }]] as const
    ) {
      assert.equal((await both.callOn(way, "remote_write_file", args)).error, null);
      assert.equal(await Deno.readTextFile(`${both.directory}/${name}`), "new");
    }
  }));
});

sshTest("of many writes at once that expect the same content, one is done", async () => {
  await using both = await openBothWays();
  for (const condition of [OLD_HASH, "none"]) {
    const path = `${both.directory}/file of ${condition}`;
    if (condition !== "none") await Deno.writeTextFile(path, OLD);
    const contents = Array.from({ length: 12 }, (_, at) => `content ${at}`);
    const answers = await Promise.all(
      contents.map((content, at) =>
        both.callOn(at % 2 === 0 ? "ssh" : "agent", "remote_write_file", {
          path,
          content,
          if_sha256: condition,
        })
      ),
    );
    const done = contents.filter((_, at) => answers[at]?.error === null);
    assert.deepEqual(done, [await Deno.readTextFile(path)]);
    const now = await hashOf(done.join());
    for (const { error } of answers) {
      if (error !== null) assert.ok(String(error).endsWith(`bytes, sha256 ${now}`), String(error));
    }
  }
});

sshTest("remote_write_file refuses a condition or a mode for what is no file", async () => {
  await using both = await openBothWays();
  for (const args of [{ if_sha256: OLD_HASH }, { mode: "600" }]) {
    for (
      const [path, reason] of [["/dev/null", /not a regular file/], [
        ".",
        /is a directory/,
      ]] as const
    ) {
      const { agent, ssh } = await both.call("remote_write_file", { path, content: "", ...args });
      assert.deepEqual(ssh, agent);
      assert.match(String(agent.error), reason);
    }
  }
});

rootTest(
  "on a full disk, and a read-only one, remote_write_file leaves the old file whole",
  async () => {
    await using both = await openBothWays();
    const disk = `${both.directory}/disk`;
    await using small = await mountSmall(disk, { size: "64k", files: 16 });
    const long = "x".repeat(100_000);
    await Deno.writeTextFile(`${disk}/file`, OLD);
    const writeAll = async (content: string, reason: RegExp) => {
      for (const args of [{}, { if_sha256: OLD_HASH }]) {
        const { agent, ssh } = await both.call("remote_write_file", {
          path: `${disk}/file`,
          content,
          ...args,
        });
        assert.deepEqual(ssh, agent);
        assert.match(String(agent.error), reason);
        assert.equal(await Deno.readTextFile(`${disk}/file`), OLD);
        assert.deepEqual(await temporaryFiles(disk), []);
      }
    };
    await writeAll(long, /: no space left on device$/);
    await small.makeReadOnly();
    await writeAll("new", /: read-only file system$/);
  },
);

rootTest(
  "on a full disk, a file that is a mount point is written whole or not at all",
  async () => {
    await using both = await openBothWays();
    await using _small = await mountSmall(`${both.directory}/disk`, { size: "64k", files: 16 });
    const path = `${both.directory}/file`;
    await Deno.writeTextFile(path, "");
    await Deno.writeTextFile(`${both.directory}/disk/file`, OLD);
    const mount = (args: string[]) => new Deno.Command("mount", { args }).output();
    await mount(["--bind", `${both.directory}/disk/file`, path]);
    try {
      const long = { path, content: "x".repeat(100_000), if_sha256: OLD_HASH };
      assert.notEqual((await both.callOn("ssh", "remote_write_file", long)).error, null);
      assert.equal(await Deno.readTextFile(path), OLD);
      const short = { path, content: "new", if_sha256: OLD_HASH };
      assert.equal((await both.callOn("ssh", "remote_write_file", short)).error, null);
      assert.equal(await Deno.readTextFile(`${both.directory}/disk/file`), "new");
    } finally {
      await new Deno.Command("umount", { args: ["-l", path] }).output();
    }
  },
);
