import assert from "node:assert/strict";
import { sshTest } from "../../fleet/ssh/target.ts";
import { ODD_NAMES } from "../odd_names.ts";
import { openSshTools } from "../ssh_tools.ts";
import { sha256 } from "../../agent/sha256.ts";
import { createCaller } from "../tool_calls.ts";

const CONTENTS = [
  "",
  "no line end",
  "$(id) `id` ${HOME} 'a' \"b\" \\ \\n\n",
  "EOF_B64_PAYLOAD\nEOF\n.\n",
  "\0\x01\x1b[2J\x7f\r\n",
  "\uFEFFwith a byte order mark",
  "ünïcödé ☃ 🙂\n",
  "\n\n\n",
];

sshTest("files over ssh: odd names arrive byte for byte, in writing and reading", async () => {
  await using tools = await openSshTools();
  await Promise.all(ODD_NAMES.map(async (name) => {
    const path = `${tools.directory}/${name}`;
    const content = `content of ${name}`;
    const bytes = new TextEncoder().encode(content).length;
    const written = await tools.call("remote_write_file", { host: "target", path, content });
    assert.equal(written.text, `[via ssh fallback]\nWritten ${bytes} bytes to ${path} (via ssh)`);
    assert.equal(await Deno.readTextFile(path), content);
    const read = await tools.call("remote_read_file", { host: "target", path });
    assert.equal(read.text, `[via ssh fallback]\n${content}`);
    assert.equal(read.structured.text, content);
  }));
  const names = await Array.fromAsync(Deno.readDir(tools.directory), ({ name }) => name);
  assert.deepEqual(names.sort(), [...ODD_NAMES].sort());
});

sshTest("files over ssh: a relative name that starts with - is a name", async () => {
  await using tools = await openSshTools();
  const name = `-${crypto.randomUUID()}`;
  await tools.call("remote_write_file", { host: "target", path: name, content: "mine" });
  const read = await tools.call("remote_read_file", { host: "target", path: name });
  assert.equal(read.structured.text, "mine");
  await tools.call("remote_shell", { host: "target", command: `rm -- ${name}` });
});

sshTest("files over ssh: any content arrives byte for byte, in writing and reading", async () => {
  await using tools = await openSshTools();
  await Promise.all(CONTENTS.map(async (content, index) => {
    const path = `${tools.directory}/${index}`;
    await tools.call("remote_write_file", { host: "target", path, content });
    assert.equal(await Deno.readTextFile(path), content);
    const read = await tools.call("remote_read_file", { host: "target", path });
    assert.equal(read.structured.text, content);
  }));
});

sshTest("files over ssh: 5 MB come back as they were", async () => {
  await using tools = await openSshTools();
  const path = `${tools.directory}/large`;
  const content = "0123456789abcdé\n".repeat(5_000_000 / 17 + 1);
  const written = await tools.call("remote_write_file", { host: "target", path, content });
  assert.equal(written.isError, false, written.text);
  const read = await tools.call("remote_read_file", { host: "target", path });
  assert.ok(read.structured.text === content);
});

sshTest("remote_read_file over ssh says why there is nothing to read", async () => {
  await using tools = await openSshTools();
  const { directory } = tools;
  const binary = new Uint8Array([0x66, 0xff, 0xfe]);
  await Deno.writeFile(`${directory}/binary`, binary);
  using huge = await Deno.create(`${directory}/huge`);
  await huge.truncate(32 * 1024 * 1024 + 1);
  const faults = [
    [`${directory}/missing`, `cat exit 1: cat: ${directory}/missing: No such file or directory\n`],
    [directory, `cat exit 1: cat: ${directory}: Is a directory\n`],
    [
      `${directory}/binary`,
      `cannot read "${directory}/binary": it is not text but binary data (3 bytes, sha256 ` +
      `${await sha256(binary)}); use encoding "base64"`,
    ],
    [
      `${directory}/huge`,
      `cannot read "${directory}/huge": it has more than 32 MiB; read a part of it: offset, limit`,
    ],
  ] as const;
  await Promise.all(faults.map(async ([path, fault]) => {
    const { text, isError, structured } = await tools.call("remote_read_file", {
      host: "target",
      path,
    });
    assert.equal(text, `Error: lmcp: connect: connection refused | ssh: ${fault}`);
    assert.deepEqual([isError, structured.outcome, structured.text], [true, "failed", null]);
  }));
});

sshTest("remote_read_file over ssh returns a file of 32 MiB whole", async () => {
  await using tools = await openSshTools();
  using large = await Deno.create(`${tools.directory}/large`);
  await large.truncate(32 * 1024 * 1024);
  const { structured } = await tools.call("remote_read_file", {
    host: "target",
    path: `${tools.directory}/large`,
  });
  assert.ok(structured.text === "\0".repeat(32 * 1024 * 1024));
});

sshTest("remote_list_dir over ssh lists directories of odd names", async () => {
  await using tools = await openSshTools();
  await Promise.all(ODD_NAMES.map(async (name) => {
    const path = `${tools.directory}/${name}`;
    await Deno.mkdir(path);
    await Deno.writeTextFile(`${path}/one`, "");
    await Deno.writeTextFile(`${path}/.hidden`, "");
    const { text } = await tools.call("remote_list_dir", { host: "target", path });
    assert.equal(text, "[via ssh fallback]\none\n");
  }));
});

sshTest("remote_list_dir over ssh says what is missing, by the name it was given", async () => {
  await using tools = await openSshTools();
  for (const path of ["-", "-l", "--"]) {
    const { text, isError } = await tools.call("remote_list_dir", { host: "target", path });
    const fault = `ls exit 2: ls: cannot access '${path}': No such file or directory\n`;
    assert.equal(text, `Error: lmcp: connect: connection refused | ssh: ${fault}`);
    assert.equal(isError, true);
  }
});

sshTest("remote_read_file over ssh says what is missing, by the name it was given", async () => {
  await using tools = await openSshTools();
  for (const [path, shown = path] of [["-n"], ["--"], ["-", "./-"]] as const) {
    const { text } = await tools.call("remote_read_file", { host: "target", path });
    const fault = `cat exit 1: cat: ${shown}: No such file or directory\n`;
    assert.equal(text, `Error: lmcp: connect: connection refused | ssh: ${fault}`);
  }
});

sshTest("remote_list_dir over ssh starts where ssh starts", async () => {
  await using tools = await openSshTools();
  const here = await tools.call("remote_shell", { host: "target", command: "ls -1" });
  const { structured } = await tools.call("remote_list_dir", { host: "target" });
  assert.equal(structured.text, here.structured.stdout);
});

sshTest("remote_search_files over ssh takes path and pattern for nothing else", async () => {
  await using tools = await openSshTools();
  const { directory } = tools;
  const home = await Deno.makeTempDir({ dir: directory });
  const start = async (path: string, pattern: string) => {
    const args = { host: "target", path, pattern };
    return (await tools.call("remote_search_files", args)).structured.text;
  };
  await Promise.all(ODD_NAMES.map(async (name) => {
    await Deno.mkdir(`${home}/${name}`);
    await Deno.writeTextFile(`${home}/${name}/-exec`, "");
    assert.equal(await start(`${home}/${name}`, "-exec"), `${home}/${name}/-exec\n`);
  }));
  await Deno.writeTextFile(`${directory}/a.txt`, "");
  await Deno.writeTextFile(`${directory}/b.md`, "");
  assert.equal(await start(directory, "?.txt"), `${directory}/a.txt\n`);
  assert.equal(await start(directory, "*' -o -name '*"), "");
});

sshTest("remote_search_files over ssh does not mistake a path for an action", async () => {
  const home = await Deno.makeTempDir({ prefix: "home-" });
  await Deno.writeTextFile(`${home}/precious`, "");
  {
    await using tools = await openSshTools({
      serverConfig: [`ForceCommand cd ${home} && bash -s`],
    });
    for (const path of ["-delete", "-exec", "!", "(", ")", ",", "-quit"]) {
      const args = { host: "target", path, pattern: "*" };
      const { text, isError } = await tools.call("remote_search_files", args);
      assert.match(text, /ssh: find exit 1: find: .*: No such file or directory\n$/);
      assert.equal(isError, true, path);
    }
  }
  assert.equal((await Deno.stat(`${home}/precious`)).isFile, true);
  await Deno.remove(home, { recursive: true });
});

sshTest("remote_search_files over ssh stops at 200 matches", async () => {
  await using tools = await openSshTools();
  const command = `cd '${tools.directory}' && touch $(seq 250)`;
  await tools.call("remote_shell", { host: "target", command });
  const args = { host: "target", path: tools.directory, pattern: "*" };
  const { structured } = await tools.call("remote_search_files", args);
  assert.equal(String(structured.text).trim().split("\n").length, 200);
});

for (
  const [tool, name] of [
    ["remote_read_file", "path"],
    ["remote_write_file", "path"],
    ["remote_list_dir", "path"],
    ["remote_search_files", "path"],
    ["remote_search_files", "pattern"],
  ] as const
) {
  Deno.test(`${tool} refuses NUL in ${name}, by name`, async () => {
    const args = { host: "target", path: "/", pattern: "*", content: "", [name]: "a\0b" };
    const { text, isError } = await createCaller({})(tool, args);
    assert.match(text, new RegExp(`^Error: bad \`${name}\` parameter: .*it holds a NUL`));
    assert.equal(isError, true);
  });
}
