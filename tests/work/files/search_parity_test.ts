import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { sshTest } from "../../fleet/ssh/target.ts";
import { ODD_NAMES } from "../../tools/odd_names.ts";
import { type BothWays, openBothWays } from "../both_ways.ts";
import { createProgramPaths } from "./program_paths.ts";

async function search(both: BothWays, args: JsonObject): Promise<JsonObject> {
  const { agent, ssh } = await both.call("remote_search_files", args);
  assert.deepEqual(ssh, agent);
  return agent;
}

/** The home over both ways with some files to search in. */
async function openFilled(path?: string): Promise<BothWays> {
  const both = await openBothWays(path);
  const write = (name: string, text: string) =>
    Deno.writeTextFile(`${both.directory}/${name}`, text);
  for (const name of ["etc/conf.d", "etc/.git", "etc/node_modules/x"]) {
    await Deno.mkdir(`${both.directory}/${name}`, { recursive: true });
  }
  await write("etc/one.conf", "first\nport = 8080\r\n# port = 9090\n");
  await write("etc/conf.d/two.conf", "port=1\n");
  await write("etc/.hidden", "port 2\n");
  await write("etc/.git/config", "port 3\n");
  await write("etc/node_modules/x/y.conf", "port 4\n");
  await write("etc/binary", "port\0\x01\n");
  await Deno.symlink("one.conf", `${both.directory}/etc/link.conf`);
  await Deno.symlink("/etc", `${both.directory}/etc/folder`);
  await new Deno.Command("mkfifo", { args: [`${both.directory}/etc/pipe`] }).output();
  return both;
}

/** The lines of an answer, in no order: `find` has its own. */
function sorted(answer: JsonObject): string[] {
  assert.equal(answer.error, null);
  return String(answer.text).split("\n").slice(0, -1).toSorted();
}

const { gnu, busybox, ripgrep } = await createProgramPaths();
const PROGRAMS = [["grep", gnu], ["busybox", busybox], ["ripgrep", ripgrep]] as const;

for (const [program, path] of PROGRAMS) {
  const what = `remote_search_files finds lines by a regular expression, with ${program}`;
  if (path === null) {
    Deno.test({ name: `${what} (ignored: not installed)`, ignore: true, fn: () => {} });
    continue;
  }
  sshTest(what, async (test) => {
    await using both = await openFilled(path);
    const cases: readonly (readonly [JsonObject, lines: readonly string[]])[] = [
      [{ content: "^port *=" }, ["etc/conf.d/two.conf:1: port=1", "etc/one.conf:2: port = 8080"]],
      [
        { content: "port", pattern: "*.conf", skip: ["node_modules"] },
        [
          "etc/conf.d/two.conf:1: port=1",
          "etc/one.conf:2: port = 8080",
          "etc/one.conf:3: # port = 9090",
        ],
      ],
      [
        { content: "port [0-9]" },
        [
          "etc/.git/config:1: port 3",
          "etc/.hidden:1: port 2",
          "etc/node_modules/x/y.conf:1: port 4",
        ],
      ],
      [{ content: "port [0-9]", skip: ["node_*", ".git"] }, ["etc/.hidden:1: port 2"]],
      [{ content: "nowhere" }, []],
      [{ content: "-first|^fir" }, ["etc/one.conf:1: first"]],
    ];
    for (const [args, lines] of cases) {
      await test.step(JSON.stringify(args), async () => {
        const answer = await search(both, { path: "etc", ...args });
        const found = sorted(answer).filter((line) => !line.startsWith("etc/binary:"));
        assert.deepEqual(found, lines);
      });
    }
    const { details } = await search(both, { path: "etc/one.conf", content: "8080" });
    assert.deepEqual(details, {
      lines: [{ path: "etc/one.conf", line: 2, text: "port = 8080" }],
      truncated: false,
    });
    const bad = await search(both, { path: "etc", content: "a[" });
    assert.match(
      String(bad.error),
      /^cannot search "etc": .*(unmatched|bad regex|invalid|unclosed|missing)/i,
    );
  });
}

sshTest(
  "remote_search_files finds no more lines than are asked for, and cuts long ones",
  async () => {
    await using both = await openBothWays();
    await Deno.writeTextFile(`${both.directory}/many`, "a line\n".repeat(1_000));
    const two = await search(both, { path: ".", content: "line", max: 2 });
    assert.equal(
      two.text,
      "./many:1: a line\n./many:2: a line\n[there are more than 2: narrow it, or raise max]\n",
    );
    assert.equal(Object(two.details).truncated, true);
    const standard = await search(both, { path: ".", content: "line" });
    assert.equal(Object(standard.details).lines.length, 200);
    await Deno.writeTextFile(`${both.directory}/long`, `${"é".repeat(500)} needle\n`);
    const long = await search(both, { path: "long", content: "needle" });
    assert.equal(long.text, `long:1: ${"é".repeat(300)}[…]\n`);
  },
);

sshTest("remote_search_files finds names within limits", async () => {
  await using both = await openFilled();
  const conf = { path: "etc", pattern: "*.conf" };
  const all = ["etc/conf.d/two.conf", "etc/link.conf", "etc/node_modules/x/y.conf", "etc/one.conf"];
  assert.deepEqual(sorted(await search(both, { ...conf, max: 100 })), all);
  const few = await search(both, { ...conf, skip: ["node_modules", "conf.d"] });
  assert.deepEqual(sorted(few), ["etc/link.conf", "etc/one.conf"]);
  const one = await search(both, { ...conf, max: 1 });
  assert.equal(Object(one.details).matches.length, 1);
  assert.equal(Object(one.details).truncated, true);
  const neither = await search(both, { path: "etc" });
  assert.equal(neither.error, 'cannot search "etc": give pattern or content');
});

sshTest("remote_search_files finds lines in files with any name", async () => {
  await using both = await openBothWays();
  const names = [...ODD_NAMES, "n".repeat(255), "-delete", "("];
  for (const name of names) await Deno.writeTextFile(`${both.directory}/${name}`, "needle\n");
  const script = `cd '${both.directory}' && echo needle >$'no\\xff'`;
  await new Deno.Command("bash", { args: ["-c", script] }).output();
  const { details } = await search(both, { path: both.directory, content: "needle" });
  const found = Object(details).lines.map(({ path }: { path: string }) => path);
  const expected = [...names, "no\ufffd"].map((name) => `${both.directory}/${name}`);
  assert.deepEqual(found.toSorted(), expected.toSorted());
  for (const name of names) {
    const path = name === "~" ? "./~" : name;
    const { text } = await search(both, { path, content: "needle" });
    assert.equal(text, `${path}:1: needle\n`);
  }
});

sshTest(
  "remote_search_files for lines never hangs, and says what it cannot search",
  async (test) => {
    await using both = await openFilled();
    const faults: readonly (readonly [path: string, reason: string])[] = [
      ["none", "no such file or directory"],
      ["etc/pipe", "it is not a regular file; use shell"],
      ["/proc", "it is not a regular file; use shell"],
      ["/dev/zero", "it is not a regular file; use shell"],
      ["/sys/kernel", "it is not a regular file; use shell"],
      ["~root", "only ~ and ~/ are expanded; write ./~ for a name that begins with it"],
    ];
    for (const [path, reason] of faults) {
      await test.step(path, async () => {
        const { error } = await search(both, { path, content: "." });
        assert.equal(error, `cannot search ${JSON.stringify(path)}: ${reason}`);
      });
    }
  },
);
