import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { sshTest } from "../../fleet/ssh/target.ts";
import { ODD_NAMES } from "../../tools/odd_names.ts";
import { type BothWays, openBothWays } from "../both_ways.ts";
import { createProgramPaths } from "./program_paths.ts";

const TIME = new Date("2026-03-04T05:06:07Z");

async function list(both: BothWays, args: JsonObject): Promise<JsonObject> {
  const { agent, ssh } = await both.call("remote_list_dir", args);
  assert.deepEqual(ssh, agent);
  return agent;
}

/** The home over both ways with a directory `sub` of all kinds of things. */
async function openFilled(path?: string): Promise<BothWays> {
  const both = await openBothWays(path);
  const sub = `${both.directory}/sub`;
  await Deno.mkdir(`${sub}/folder`, { recursive: true });
  await Deno.writeTextFile(`${sub}/file`, "12345");
  await Deno.chmod(`${sub}/file`, 0o640);
  await Deno.writeTextFile(`${sub}/.hidden`, "");
  await Deno.symlink("to/no where", `${sub}/link`);
  await new Deno.Command("mkfifo", { args: [`${sub}/pipe`] }).output();
  await Deno.chmod(`${sub}/folder`, 0o1777);
  await Deno.chmod(`${sub}/pipe`, 0o600);
  for (const name of ["file", "folder", ".hidden"]) await Deno.utime(`${sub}/${name}`, TIME, TIME);
  return both;
}

const OWN = await ownNames();

/** The names of this process's user and group. */
async function ownNames(): Promise<string> {
  const names = await Promise.all(["-un", "-gn"].map(async (option) => {
    const { stdout } = await new Deno.Command("id", { args: [option] }).output();
    return new TextDecoder().decode(stdout).trim();
  }));
  return names.join(" ");
}

const { gnu, busybox } = await createProgramPaths();

for (const [host, path] of [["GNU", gnu], ["busybox", busybox]] as const) {
  const what = `remote_list_dir lists a directory with details, with ${host}`;
  if (path === null) {
    Deno.test({ name: `${what} (ignored: not installed)`, ignore: true, fn: () => {} });
    continue;
  }
  sshTest(what, async () => {
    await using both = await openFilled(path);
    const answer = await list(both, { path: "sub", long: true });
    assert.equal(answer.error, null);
    const lines = String(answer.text).split("\n");
    assert.equal(lines[0], `-rw-r----- ${OWN} 5 2026-03-04T05:06:07Z file`);
    assert.match(lines[1] ?? "", /^drwxrwxrwt .* 2026-03-04T05:06:07Z folder$/);
    assert.match(lines[2] ?? "", /^lrwxrwxrwx .* link -> to\/no where$/);
    assert.match(lines[3] ?? "", /^prw------- .* pipe$/);
    assert.equal(lines.length, 5);
    const { entries, details, truncated } = Object(answer.details);
    assert.deepEqual([entries, truncated], [["file", "folder", "link", "pipe"], false]);
    const [owner, group] = OWN.split(" ");
    assert.deepEqual(details[0], {
      name: "file",
      type: "file",
      mode: "640",
      owner,
      group,
      bytes: 5,
      modified: "2026-03-04T05:06:07Z",
      target: null,
    });
    assert.deepEqual(
      [details[1].type, details[1].mode, details[2].type, details[2].target, details[3].type],
      ["directory", "1777", "link", "to/no where", "pipe"],
    );
  });
}

sshTest("remote_list_dir lists hidden names, and no more than are asked for", async (test) => {
  await using both = await openFilled();
  const cases: readonly (readonly [JsonObject, text: string])[] = [
    [{ all: true }, ".hidden\nfile\nfolder\nlink\npipe\n"],
    [{ all: false }, "file\nfolder\nlink\npipe\n"],
    [{ limit: 4 }, "file\nfolder\nlink\npipe\n"],
    [{ limit: 1 }, "file\n[3 more: raise limit]\n"],
    [{ all: true, limit: 3 }, ".hidden\nfile\nfolder\n[2 more: raise limit]\n"],
  ];
  for (const [args, text] of cases) {
    await test.step(JSON.stringify(args), async () => {
      assert.equal((await list(both, { path: "sub", ...args })).text, text);
    });
  }
  const { text } = await list(both, { path: "sub", long: true, all: true, limit: 2 });
  assert.match(String(text), /^-.* \.hidden\n-.* file\n\[3 more: raise limit\]\n$/);
});

sshTest("remote_list_dir with details says what cannot be listed", async (test) => {
  await using both = await openFilled();
  const faults: readonly (readonly [path: string, reason: string])[] = [
    ["none", "no such file or directory"],
    ["", "no such file or directory"],
    ["-L", "no such file or directory"],
    ["sub/file/x", "not a directory"],
    ["~root", "only ~ and ~/ are expanded; write ./~ for a name that begins with it"],
  ];
  for (const [path, reason] of faults) {
    await test.step(path, async () => {
      const { error } = await list(both, { path, long: true });
      assert.equal(error, `cannot list ${JSON.stringify(path)}: ${reason}`);
    });
  }
  const file = await list(both, { path: "sub/file", long: true });
  assert.equal(file.text, `-rw-r----- ${OWN} 5 2026-03-04T05:06:07Z sub/file\n`);
  const link = await list(both, { path: "sub/link", long: true });
  assert.match(String(link.text), /^l.* sub\/link -> to\/no where\n$/);
  const home = await list(both, { long: true });
  assert.match(String(home.text), /^drwx.* sub\n$/);
});

sshTest("remote_list_dir lists any name with details, also one that is no UTF-8", async () => {
  await using both = await openBothWays();
  const names = [...ODD_NAMES, "n".repeat(255), "-delete", "("];
  for (const name of names) await Deno.writeTextFile(`${both.directory}/${name}`, name);
  const script = `cd '${both.directory}' && touch $'no\\xff'`;
  await new Deno.Command("bash", { args: ["-c", script] }).output();
  const { details } = await list(both, { long: true, all: true });
  const { details: known } = Object(details);
  assert.deepEqual(
    known.map(({ name, bytes }: { name: string; bytes: number }) => [name, bytes]).toSorted(),
    [...names.map((name) => [name, new TextEncoder().encode(name).length]), ["no\ufffd", 0]]
      .toSorted(),
  );
});
