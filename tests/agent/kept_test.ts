import assert from "node:assert/strict";
import { Secret } from "../../lib/base/secret.ts";
import { errorOf, startAgent, type TestAgent, type TestAgentOptions, textOf } from "./agent.ts";

const SECRET = "the-secret";

/** An agent whose token is in `own/token`, with other names for it in `other`. */
async function startWithToken(options: TestAgentOptions = {}): Promise<TestAgent> {
  const agent = await startAgent({ ownFiles: ["own/token", "own/missing"], ...options });
  const { directory } = agent;
  for (const name of ["own", "other"]) await Deno.mkdir(`${directory}/${name}`);
  await Deno.writeTextFile(`${directory}/own/token`, SECRET);
  await Deno.writeTextFile(`${directory}/other/file`, "content");
  await Deno.symlink("../own/token", `${directory}/other/link`);
  await Deno.symlink("../own", `${directory}/other/folder`);
  await Deno.link(`${directory}/own/token`, `${directory}/other/hard`);
  await Deno.symlink("/proc/self/environ", `${directory}/other/environ`);
  await Deno.symlink("/proc", `${directory}/other/proc`);
  return agent;
}

const COPY = "0123456789abcdef";

/** The tools that would show or change what is at a path. */
async function tryAll({ call }: TestAgent, path: string): Promise<string[]> {
  return [
    errorOf(await call("read_file", { path })),
    errorOf(await call("read_part", { path, offset: -1, limit: 1 })),
    errorOf(await call("read_part", { path, follow: 600 })),
    errorOf(await call("read_part", { path, encoding: "base64" })),
    errorOf(await call("edit_file", { path, old_string: "s", new_string: "x" })),
    errorOf(await call("apply_edits", { path, edits: [{ old_string: "s", new_string: "x" }] })),
    errorOf(await call("write_file", { path, content: "changed" })),
    errorOf(await call("write_bytes", { path, content: "changed", mode: "666" })),
    errorOf(await call("copy_read", { op: "look", path })),
    errorOf(await call("copy_read", { op: "piece", path, offset: 0, bytes: 65_536 })),
    errorOf(await call("copy_read", { op: "digests", path, bytes: 65_536, count: 1 })),
    errorOf(await call("copy_write", { op: "begin", path, id: COPY, kind: "file", size: 1 })),
  ];
}

const LIMITS: readonly (readonly [name: string, options: TestAgentOptions])[] = [
  ["without limits", {}],
  ["with LMCP_ROOT", { root: "" }],
  ["with LMCP_DENY_PATHS", { denyPaths: ["other/nothing"] }],
];

const NAMES = [
  "own/token",
  "own//./token",
  "own/../own/token",
  "other/../own/token",
  "other/link",
  "other/folder/token",
  "other/hard",
  "own/missing",
];

for (const [limits, options] of LIMITS) {
  for (const name of NAMES) {
    Deno.test(`an agent ${limits} keeps its own token as ${name} from file tools`, async () => {
      await using agent = await startWithToken(options);
      const path = `${agent.directory}/${name}`;
      const searched = await agent.call("search_text", { path, content: "." });
      for (const text of [...await tryAll(agent, path), errorOf(searched)]) {
        assert.match(text, /: it is kept from file tools$/);
      }
      assert.equal(await Deno.readTextFile(`${agent.directory}/own/token`), SECRET);
      await assert.rejects(Deno.stat(`${agent.directory}/own/missing`), Deno.errors.NotFound);
      const other = `${agent.directory}/other/file`;
      assert.equal(textOf(await agent.call("read_file", { path: other })), "content");
    });
  }
}

for (const [limits, options] of LIMITS) {
  Deno.test(`an agent ${limits} keeps its own token from searches`, async () => {
    await using agent = await startWithToken(options);
    await Deno.writeTextFile(`${agent.directory}/other/file`, "no secret");
    for (const path of [agent.directory, `${agent.directory}/other`]) {
      const found = textOf(await agent.call("search_text", { path, content: "secret" }));
      assert.match(found, /^\/.*\/other\/file:1: no secret\n$/);
    }
  });
}

Deno.test("search_text shows an agent's token in no file, nor what it begins with", async () => {
  const token = "long-enough-token";
  await using agent = await startAgent({ token: new Secret(token) });
  const { directory } = agent;
  await Deno.writeTextFile(`${directory}/file`, `token=${token}\n${"x".repeat(290)}${token}\n`);
  const result = await agent.call("search_text", { path: `${directory}/file`, content: "token" });
  const lines = [`token=[secret]`, `${"x".repeat(290)}[secret][…]`];
  const text = lines.map((line, at) => `${directory}/file:${at + 1}: ${line}\n`).join("");
  assert.equal(textOf(result), text);
  assert.equal(JSON.stringify(result).includes("long-"), false);
});

const SELF = Deno.pid;
const PROCESS_NAMES = [
  "/proc/self/environ",
  "/proc/self/maps",
  "/proc/thread-self/environ",
  "/proc/self/task/../environ",
  "//proc/./self//environ",
  "/proc/1/../self/environ",
  "/dev/../proc/self/environ",
  `/proc/${SELF}/environ`,
  `/proc/${SELF}/mem`,
  `/proc/${SELF}/maps`,
  `/proc/${SELF}/fd/0`,
  `/proc/${SELF}/task/${SELF}/environ`,
  `/proc/1/../${SELF}/environ`,
  `/proc/net/../environ`,
  `/proc/net/../../${SELF}/maps`,
  "DIR/other/environ",
  "DIR/other/proc/self/environ",
  `DIR/other/proc/${SELF}/maps`,
];

for (const name of PROCESS_NAMES) {
  Deno.test({
    name: `an agent keeps ${name.replace(String(SELF), "PID")} from file tools`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      await using agent = await startWithToken();
      for (const text of await tryAll(agent, name.replace("DIR", agent.directory))) {
        assert.match(text, /: it is (kept from file tools|the memory or the environment of)/);
      }
    },
  });
}

Deno.test({
  name: "an agent keeps the environment of its children and its threads from file tools",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using agent = await startWithToken();
    const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
    const threads = await Array.fromAsync(Deno.readDir("/proc/self/task"), ({ name }) => name);
    for (const id of [child.pid, ...threads.slice(0, 3)]) {
      const result = await agent.call("read_file", { path: `/proc/${id}/environ` });
      assert.match(errorOf(result), /: it is (kept from|the memory or the environment of)/);
    }
    child.kill();
    await child.status;
  },
});

Deno.test({
  name: "an agent keeps its token under a name that leads through /proc from file tools",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using agent = await startWithToken();
    const child = new Deno.Command("sleep", { args: ["60"], cwd: agent.directory }).spawn();
    for (const name of [`root${agent.directory}/own/token`, "cwd/own/token", "cwd/other/hard"]) {
      for (const text of await tryAll(agent, `/proc/${child.pid}/${name}`)) {
        assert.match(text, /: it is (kept from file tools|not a regular file)/);
      }
    }
    child.kill();
    await child.status;
    assert.equal(await Deno.readTextFile(`${agent.directory}/own/token`), SECRET);
  },
});

Deno.test("LMCP_DENY_PATHS keeps files and whole folders from every file tool", async () => {
  await using agent = await startWithToken({ denyPaths: ["other/deep", "other/file", "new"] });
  const { directory, call } = agent;
  await Deno.mkdir(`${directory}/other/deep/er`, { recursive: true });
  await Deno.writeTextFile(`${directory}/other/deep/er/file`, SECRET);
  await Deno.writeTextFile(`${directory}/other/deeper`, "content");
  await Deno.symlink("other/deep/er", `${directory}/way`);
  await Deno.link(`${directory}/other/file`, `${directory}/other/second`);
  const kept = ["other/deep/er/file", "way/file", "other/file", "other/second", "new", "new/x"];
  for (const name of kept) {
    for (const text of await tryAll(agent, `${directory}/${name}`)) {
      assert.match(text, /: (it is kept from file tools|no such file or directory)$/);
    }
  }
  await assert.rejects(Deno.stat(`${directory}/new`), Deno.errors.NotFound);
  for (const name of ["other/deep", "way", "other/deep/er"]) {
    const path = `${directory}/${name}`;
    const list = errorOf(await call("list_dir", { path }));
    assert.equal(list, `Error: cannot list "${path}": it is kept from file tools`);
    const search = errorOf(await call("search_files", { path, pattern: "*" }));
    assert.equal(search, `Error: cannot search "${path}": it is kept from file tools`);
  }
  assert.equal(textOf(await call("read_file", { path: `${directory}/other/deeper` })), "content");
  assert.match(textOf(await call("list_dir", { path: `${directory}/other` })), /^deep$/m);
});

Deno.test("an agent keeps a token that was replaced since it started", async () => {
  await using agent = await startWithToken();
  const { directory } = agent;
  await Deno.writeTextFile(`${directory}/own/next`, "next");
  await Deno.rename(`${directory}/own/next`, `${directory}/own/token`);
  await Deno.link(`${directory}/own/token`, `${directory}/other/next`);
  for (const text of await tryAll(agent, `${directory}/other/next`)) {
    assert.match(text, /: it is kept from file tools$/);
  }
});

Deno.test("read_file returns no file that holds the agent's token, wherever it is", async () => {
  await using agent = await startAgent({ token: new Secret("long-enough-token") });
  const path = `${agent.directory}/copy`;
  await Deno.writeTextFile(path, "TOKEN=long-enough-token\n");
  assert.equal(
    errorOf(await agent.call("read_file", { path })),
    `Error: cannot read "${path}": it holds this agent's token`,
  );
  await Deno.writeTextFile(path, "TOKEN=long-enough\n");
  assert.equal(textOf(await agent.call("read_file", { path })), "TOKEN=long-enough\n");
});

for (const [limits, options] of LIMITS) {
  Deno.test(`copy_read leaves what is kept out of the archive of a folder, ${limits}`, async () => {
    await using agent = await startWithToken(options);
    const path = agent.directory;
    const packed = await agent.call("copy_read", { op: "pack", path, id: COPY });
    assert.match(String(packed.structuredContent?.left_out), / 2 files that are kept$/);
    const piece = { op: "piece", path, id: COPY, offset: 0, bytes: 1_048_576 };
    const { structuredContent } = await agent.call("copy_read", piece);
    const text = atob(String(structuredContent?.data));
    assert.match(text, /other\/file/);
    assert.doesNotMatch(text, new RegExp(`${SECRET}|other/hard`));
    await agent.call("copy_read", { op: "drop", path, id: COPY });
  });
}
