import assert from "node:assert/strict";
import { until } from "../processes.ts";
import { errorOf, startAgent, type TestAgent, textOf } from "./agent.ts";

async function makeFiles(agent: TestAgent, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const path = `${agent.directory}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, "");
  }
}

async function find(agent: TestAgent, pattern: string, path = agent.directory) {
  const result = await agent.call("search_files", { pattern, path });
  textOf(result);
  const { matches, truncated } = result.structuredContent ?? {};
  assert.ok(Array.isArray(matches) && matches.every((match) => typeof match === "string"));
  const names = matches.map((match: string) => match.replace(`${agent.directory}/`, ""));
  return { names: names.toSorted(), truncated };
}

const FILES = ["a.txt", "b.TXT", ".a.txt", "sub/c.txt", "sub/deep/a[1].txt", "sub/*", "sub/-x"];

const PATTERNS: readonly [pattern: string, names: readonly string[]][] = [
  ["*.txt", [".a.txt", "a.txt", "sub/c.txt", "sub/deep/a[1].txt"]],
  ["?.txt", ["a.txt", "sub/c.txt"]],
  ["[ab].*", ["a.txt", "b.TXT"]],
  ["[!a].txt", ["sub/c.txt"]],
  ["a\\[1\\].txt", ["sub/deep/a[1].txt"]],
  ["\\*", ["sub/*"]],
  ["s*", ["sub"]],
  ["-exec", []],
  ["-x", ["sub/-x"]],
  ["none", []],
  ["$(id)", []],
];

for (const [pattern, names] of PATTERNS) {
  Deno.test(`search_files finds ${JSON.stringify(pattern)} as find -name does`, async () => {
    await using agent = await startAgent();
    await makeFiles(agent, FILES);
    assert.deepEqual(await find(agent, pattern), { names, truncated: false });
  });
}

Deno.test("search_files returns its text as find does, a line each", async () => {
  await using agent = await startAgent();
  await makeFiles(agent, ["sub/one"]);
  const result = await agent.call("search_files", { pattern: "*", path: `${agent.directory}/sub` });
  assert.equal(textOf(result), `${agent.directory}/sub\n${agent.directory}/sub/one\n`);
});

Deno.test("search_files returns a name with a line feed as one match", async () => {
  await using agent = await startAgent();
  await makeFiles(agent, ["line\nfeed"]);
  assert.deepEqual((await find(agent, "line*")).names, ["line\nfeed"]);
});

Deno.test("search_files does not follow links", async () => {
  await using agent = await startAgent();
  await makeFiles(agent, ["real/file"]);
  await Deno.symlink("real", `${agent.directory}/link`);
  await Deno.symlink("..", `${agent.directory}/real/loop`);
  assert.deepEqual((await find(agent, "file")).names, ["real/file"]);
});

Deno.test("search_files returns 200 matches and says that there are more", async () => {
  await using agent = await startAgent();
  const script = `cd '${agent.directory}' && touch file{1000..1299}`;
  await new Deno.Command("bash", { args: ["-c", script] }).output();
  const { names, truncated } = await find(agent, "file*");
  assert.equal(names.length, 200);
  assert.equal(truncated, true);
  assert.deepEqual(await find(agent, "file10[0-9][0-9]").then((found) => found.truncated), false);
});

Deno.test("search_files returns exactly 200 matches as all there are", async () => {
  await using agent = await startAgent();
  const script = `cd '${agent.directory}' && touch file{1000..1199}`;
  await new Deno.Command("bash", { args: ["-c", script] }).output();
  const { names, truncated } = await find(agent, "file*");
  assert.deepEqual({ count: names.length, truncated }, { count: 200, truncated: false });
});

for (const path of ["-delete", "!", "(", "-exec", "/no/such"]) {
  Deno.test(`search_files treats ${path} as a path`, async () => {
    await using agent = await startAgent();
    const result = await agent.call("search_files", { pattern: "-exec", path });
    assert.equal(
      errorOf(result),
      `Error: cannot search "${path}": no such file or directory`,
    );
  });
}

Deno.test("search_files ends its search when the call is cancelled", async () => {
  await using agent = await startAgent();
  const pattern = `no-such-name-${crypto.randomUUID()}`;
  const cancelled = new AbortController();
  const searching = agent.call("search_files", { pattern, path: "/" }, cancelled.signal);
  await until(() => isSearchedFor(pattern));
  const start = performance.now();
  cancelled.abort();
  assert.equal(errorOf(await searching), 'Error: cannot search "/": cancelled');
  // By itself a search ends after two minutes at the latest.
  assert.ok(performance.now() - start < 15_000);
  assert.equal(await isSearchedFor(pattern), false);
});

async function isSearchedFor(pattern: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "args="] }).output();
  return new TextDecoder().decode(stdout).includes(`-name ${pattern}`);
}
