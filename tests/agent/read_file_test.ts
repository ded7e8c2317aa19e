import assert from "node:assert/strict";
import { errorOf, startAgent, textOf } from "./agent.ts";
import { sha256 } from "./sha256.ts";

const CONTENTS = [
  "",
  "line\n",
  "no line end",
  "\ufeffwith a byte order mark",
  "crlf\r\n\r\n",
  "NUL \0 and \x1b",
  "ünï\u{1f600}\n",
];

for (const content of CONTENTS) {
  Deno.test(`read_file returns ${JSON.stringify(content)} exactly`, async () => {
    await using agent = await startAgent();
    const path = `${agent.directory}/it's a file`;
    await Deno.writeTextFile(path, content);
    const result = await agent.call("read_file", { path });
    assert.equal(textOf(result), content);
    const bytes = new TextEncoder().encode(content);
    assert.deepEqual(result.structuredContent, {
      bytes: bytes.length,
      sha256: await sha256(bytes),
      encoding: "utf-8",
    });
  });
}

Deno.test("read_file returns 32 MiB, and refuses a byte more", async () => {
  await using agent = await startAgent();
  const path = `${agent.directory}/big`;
  await Deno.writeFile(path, new Uint8Array(32 * 1024 * 1024).fill(0x61));
  assert.equal(textOf(await agent.call("read_file", { path })).length, 32 * 1024 * 1024);
  await Deno.writeTextFile(path, "b", { append: true });
  assert.equal(
    errorOf(await agent.call("read_file", { path })),
    `Error: cannot read "${path}": it has more than 32 MiB; read a part of it: offset, limit`,
  );
});

Deno.test("read_file refuses what it cannot return, and says what to do instead", async () => {
  await using agent = await startAgent();
  const path = `${agent.directory}/latin1`;
  const bytes = new Uint8Array([0x66, 0xfc, 0x72]);
  await Deno.writeFile(path, bytes);
  const what = `binary data (3 bytes, sha256 ${await sha256(bytes)})`;
  const refusals = [
    [path, `it is not text but ${what}; use encoding "base64"`],
    [agent.directory, "it is a directory; use list_dir"],
    [`${agent.directory}/none`, "no such file or directory"],
    [`${path}/below`, "not a directory"],
    ["/dev/zero", "it is not a regular file; use shell"],
    ["/dev/null", "it is not a regular file; use shell"],
  ];
  for (const [refused = "", reason = ""] of refusals) {
    const text = errorOf(await agent.call("read_file", { path: refused }));
    assert.equal(text, `Error: cannot read "${refused}": ${reason}`);
  }
});

Deno.test("read_file resolves .. behind a link to the parent of the link's target", async () => {
  await using agent = await startAgent();
  await Deno.mkdir(`${agent.directory}/a/b`, { recursive: true });
  await Deno.symlink("a/b", `${agent.directory}/link`);
  await Deno.writeTextFile(`${agent.directory}/a/file`, "right");
  await Deno.writeTextFile(`${agent.directory}/file`, "wrong");
  const path = `${agent.directory}/link/../b/../file`;
  assert.equal(textOf(await agent.call("read_file", { path })), "right");
});

Deno.test("read_file does not wait for a FIFO", async () => {
  await using agent = await startAgent();
  const path = `${agent.directory}/fifo`;
  await new Deno.Command("mkfifo", { args: [path] }).output();
  assert.match(errorOf(await agent.call("read_file", { path })), /not a regular file/);
});

Deno.test({
  name: "read_file returns files of /proc, whose size is 0",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using agent = await startAgent();
    assert.match(textOf(await agent.call("read_file", { path: "/proc/1/status" })), /^Name:/);
  },
});

Deno.test({
  name: "read_file returns files of /proc and /dev to an agent with its shipped permissions",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const script = new URL("./files/read_kernel_files.ts", import.meta.url);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--allow-read",
        "--allow-write",
        "--allow-run=bash",
        script.pathname,
      ],
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert.deepEqual(text.split("\n"), [
      "/proc/1/status: Name:",
      '/proc/1/none: Error: cannot read "/proc/1/none": no such file or directory',
      '/proc/1: Error: cannot read "/proc/1": it is a directory; use list_dir',
      '/dev/ptmx: Error: cannot read "/dev/ptmx": it is not a regular file; use shell',
      "",
    ], new TextDecoder().decode(stderr));
  },
});

Deno.test("read_file needs no bash for an ordinary file", async () => {
  await using agent = await startAgent({ childEnv: { PATH: "/nonexistent" } });
  await Deno.writeTextFile(`${agent.directory}/file`, "text");
  assert.equal(
    textOf(await agent.call("read_file", { path: `${agent.directory}/file` })),
    "text",
  );
});
