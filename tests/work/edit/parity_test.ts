import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { sha256 } from "../../agent/sha256.ts";
import { sshTest } from "../../fleet/ssh/target.ts";
import { mountSmall } from "../../mount_small.ts";
import { rootTest } from "../../shell/hosts.ts";
import { ODD_NAMES } from "../../tools/odd_names.ts";
import { openBothWays, type Way } from "../both_ways.ts";

const WAYS: readonly Way[] = ["agent", "ssh"];
const OLD = "one\ntwo\nthree\n";
const OLD_HASH = await hashOf(OLD);
const OTHER_HASH = await hashOf("other");

function hashOf(content: string | Uint8Array<ArrayBuffer>): Promise<string> {
  return sha256(typeof content === "string" ? new TextEncoder().encode(content) : content);
}

interface Case {
  readonly args: JsonObject;
  /** Default: `OLD`. */
  readonly before?: string | Uint8Array<ArrayBuffer>;
  readonly error?: string;
  /** Default: as before. */
  readonly after?: string;
  readonly difference?: string;
}

const CASES: readonly (readonly [what: string, Case])[] = [
  ["one edit", {
    args: { old_string: "two", new_string: "2" },
    after: "one\n2\nthree\n",
    difference: "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three",
  }],
  ["each occurrence", {
    args: { old_string: "t", new_string: "T", replace_all: true },
    after: "one\nTwo\nThree\n",
    difference: "@@ -1,3 +1,3 @@\n one\n-two\n-three\n+Two\n+Three",
  }],
  ["edits in order, each of what is left by those before", {
    args: {
      edits: [
        { old_string: "one", new_string: "two" },
        { old_string: "two", new_string: "2", replace_all: true },
      ],
    },
    after: "2\n2\nthree\n",
    difference: "@@ -1,3 +1,3 @@\n-one\n-two\n+2\n+2\n three",
  }],
  ["edits of which one does not fit", {
    args: {
      edits: [
        { old_string: "one", new_string: "1" },
        { old_string: "thre\n", new_string: "3\n" },
      ],
    },
    error: "edit 2 of 2, so none was made: old_string does not occur in it; read the file and " +
      "copy the text exactly. The nearest lines are:\n3: three",
  }],
  ["the hash of what is there", {
    args: { old_string: "two", new_string: "2", if_sha256: OLD_HASH.toUpperCase() },
    after: "one\n2\nthree\n",
  }],
  ["another hash", {
    args: { old_string: "two", new_string: "2", if_sha256: OTHER_HASH },
    error: `it changed meanwhile and has now 14 bytes, sha256 ${OLD_HASH}`,
  }],
  ["several occurrences", {
    args: { old_string: "o", new_string: "0" },
    error: "old_string occurs 2 times in it; give more of the text around it, or set " +
      "replace_all. The first are in:\n1: one\n2: two",
  }],
  ["the same twice", {
    args: { old_string: "two", new_string: "two" },
    error: "old_string and new_string are the same",
  }],
  ["CRLF", {
    before: "one\r\ntwo\r\n",
    args: { old_string: "one\ntwo", new_string: "1\n2\n3" },
    after: "1\r\n2\r\n3\r\n",
    difference: "@@ -1,2 +1,3 @@\n-one\n-two\n+1\n+2\n+3",
  }],
  ["line ends of both kinds", {
    before: "one\r\ntwo\nthree\n",
    args: { old_string: "two\nthree", new_string: "2\n3" },
    after: "one\r\n2\n3\n",
  }],
  ["no last line feed", {
    before: "one\ntwo",
    args: { old_string: "two", new_string: "2" },
    after: "one\n2",
    difference: "@@ -1,2 +1,2 @@\n one\n-two\n\\ No newline at end of file\n+2\n" +
      "\\ No newline at end of file",
  }],
  ["a byte order mark", {
    before: "\ufeffone\n",
    args: { old_string: "one", new_string: "1" },
    after: "\ufeff1\n",
  }],
  ["nothing left", { before: "one", args: { old_string: "one", new_string: "" }, after: "" }],
  ["NUL characters", {
    before: "a\0b",
    args: { old_string: "\0", new_string: "\0\0" },
    after: "a\0\0b",
  }],
  ["no UTF-8", {
    before: new Uint8Array([0x66, 0xfc, 0x72]),
    args: { old_string: "f", new_string: "g" },
    error: "it is not UTF-8 text; use shell with base64",
  }],
  ["an empty file", {
    before: "",
    args: { old_string: "a", new_string: "b" },
    error: "old_string does not occur in it; read the file and copy the text exactly",
  }],
];

sshTest("remote_edit_file answers alike over the agent and over ssh", async (test) => {
  await using both = await openBothWays();
  for (const [at, [what, { before = OLD, args, error, after, difference }]] of CASES.entries()) {
    await test.step(what, async () => {
      const path = `${both.directory}/${at}`;
      const old = typeof before === "string" ? new TextEncoder().encode(before) : before;
      const expected = after === undefined ? old : new TextEncoder().encode(after);
      const answers: JsonObject[] = [];
      for (const way of WAYS) {
        await Deno.writeFile(path, old, { mode: 0o640 });
        answers.push(await both.callOn(way, "remote_edit_file", { path, ...args }));
        assert.deepEqual(await Deno.readFile(path), expected);
        assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o7777, 0o640);
        assert.deepEqual(await temporaryFiles(both.directory), []);
      }
      const [agent, ssh] = answers;
      assert.deepEqual(ssh, agent);
      if (error !== undefined) {
        assert.equal(agent?.error, `cannot edit ${JSON.stringify(path)}: ${error}`);
        return;
      }
      const sha256 = await hashOf(expected);
      const text = String(agent?.text);
      assert.match(text, /^Replaced \d occurrences? in \//);
      assert.ok(text.endsWith(`\nsha256 ${sha256}`), text);
      if (difference !== undefined) assert.ok(text.includes(`\n${difference}\n`), text);
    });
  }
});

async function temporaryFiles(directory: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(directory), ({ name }) => name);
  return names.filter((name) => name.startsWith(".lmcp-"));
}

/** What cannot be edited, by what it is. */
const REFUSED: readonly (readonly [path: string, reason: RegExp])[] = [
  ["none", /: no such file or directory$/],
  ["sub", /: it is a directory; use list_dir$/],
  ["file/below", /: not a directory$/],
  ["loop", /: too many levels of symbolic links$/],
  ["dangling", /: no such file or directory$/],
  ["fifo", /: it is not a regular file; use shell$/],
  ["huge", /: it has more than 32 MiB; /],
  ["/dev/zero", /: it is not a regular file; use shell$/],
  ["/proc/version", /: it is not a regular file; use shell$/],
  ["/proc/kmsg", /: reading it would wait/],
  ["~root/x", /: only ~ and ~\/ are expanded/],
  ["", /: no such file or directory$/],
];

sshTest("remote_edit_file refuses alike what it cannot edit", async (test) => {
  await using both = await openBothWays();
  const { directory } = both;
  await Deno.mkdir(`${directory}/sub`);
  await Deno.writeTextFile(`${directory}/file`, OLD);
  await Deno.symlink("loop", `${directory}/loop`);
  await Deno.symlink("nowhere", `${directory}/dangling`);
  await new Deno.Command("mkfifo", { args: [`${directory}/fifo`] }).output();
  {
    using huge = await Deno.create(`${directory}/huge`);
    await huge.truncate(32 * 1024 * 1024 + 1);
  }
  for (const [path, reason] of REFUSED) {
    await test.step(path, async () => {
      const args = { path, old_string: "Linux", new_string: "x", replace_all: true };
      const { agent, ssh } = await both.call("remote_edit_file", args);
      assert.deepEqual(ssh, agent);
      assert.match(String(agent.error), reason);
    });
  }
});

sshTest("remote_edit_file edits files with any name", async () => {
  await using both = await openBothWays();
  await Promise.all([...ODD_NAMES, "n".repeat(255)].map(async (name) => {
    const path = name === "~" ? "./~" : name;
    const file = `${both.directory}/${name}`;
    for (const more of [{}, { if_sha256: OLD_HASH }]) {
      const answers: JsonObject[] = [];
      for (const way of WAYS) {
        await Deno.writeTextFile(file, OLD);
        const args = { path, old_string: "two", new_string: "2", ...more };
        answers.push(await both.callOn(way, "remote_edit_file", args));
        assert.equal(await Deno.readTextFile(file), "one\n2\nthree\n");
      }
      assert.equal(answers[0]?.error, null);
      assert.deepEqual(answers[1], answers[0]);
    }
  }));
});

sshTest(
  "remote_edit_file follows links, and says which hard links keep the old content",
  async () => {
    await using both = await openBothWays();
    const file = `${both.directory}/file`;
    await Deno.symlink("file", `${both.directory}/link`);
    for (const way of WAYS) {
      await Deno.writeTextFile(file, OLD);
      await Deno.link(file, `${file}.other`);
      const args = { path: "link", old_string: "two", new_string: "2" };
      const { text, details } = await both.callOn(way, "remote_edit_file", args);
      assert.match(String(text), /\n\[1 hard link\(s\) to it keep the old content\]$/);
      const content = "one\n2\nthree\n";
      assert.deepEqual(details, {
        replacements: 1,
        bytes: content.length,
        sha256: await hashOf(content),
        hard_links: 1,
      });
      assert.equal(await Deno.readTextFile(file), content);
      assert.equal(await Deno.readTextFile(`${file}.other`), OLD);
      assert.equal((await Deno.lstat(`${both.directory}/link`)).isSymlink, true);
      await Deno.remove(`${file}.other`);
    }
  },
);

sshTest(
  "of many edits at once over both ways, each is whole or says that it was not made",
  async () => {
    await using both = await openBothWays();
    const path = `${both.directory}/file`;
    const numbers = Array.from({ length: 16 }, (_, number) => number);
    await Deno.writeTextFile(path, numbers.map((number) => `line ${number};\n`).join(""));
    const answers = await Promise.all(
      numbers.map((number) =>
        both.callOn(number % 2 === 0 ? "ssh" : "agent", "remote_edit_file", {
          path,
          old_string: `line ${number};`,
          new_string: `done ${number};`,
        })
      ),
    );
    const expected = numbers.map((number) =>
      `${answers[number]?.error === null ? "done" : "line"} ${number};\n`
    );
    assert.equal(await Deno.readTextFile(path), expected.join(""));
    for (const { error } of answers) {
      if (error !== null) {
        assert.match(
          String(error),
          /it changed meanwhile and has now \d+ bytes, sha256 [0-9a-f]{64}$/,
        );
      }
    }
    assert.ok(answers.some(({ error }) => error === null));
  },
);

rootTest(
  "on a full disk, and a read-only one, remote_edit_file leaves the old file whole",
  async () => {
    await using both = await openBothWays();
    const disk = `${both.directory}/disk`;
    await using small = await mountSmall(disk, { size: "64k", files: 16 });
    const path = `${disk}/file`;
    await Deno.writeTextFile(path, OLD);
    const edit = async (new_string: string, reason: RegExp) => {
      const args = { path, old_string: "two", new_string };
      const { agent, ssh } = await both.call("remote_edit_file", args);
      assert.deepEqual(ssh, agent);
      assert.match(String(agent.error), reason);
      assert.equal(await Deno.readTextFile(path), OLD);
      assert.deepEqual(await temporaryFiles(disk), []);
    };
    await edit("x".repeat(100_000), /: no space left on device$/);
    await small.makeReadOnly();
    await edit("2", /: read-only file system$/);
  },
);
