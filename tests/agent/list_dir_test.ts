import assert from "node:assert/strict";
import { errorOf, startAgent, textOf } from "./agent.ts";

Deno.test("list_dir returns what ls -1 prints", async () => {
  await using agent = await startAgent();
  const names = ["b", "B", "a b", "é", "-n", "$(id)", "zz", "Z", ".hidden", "\u{1f600}", "\uffee"];
  for (const name of names) await Deno.writeTextFile(`${agent.directory}/${name}`, "");
  await Deno.symlink("nowhere", `${agent.directory}/link`);
  const result = await agent.call("list_dir", { path: agent.directory });
  const ls = await new Deno.Command("ls", {
    args: ["-1", "--", agent.directory],
    env: { LC_ALL: "C" },
  }).output();
  const text = new TextDecoder().decode(ls.stdout);
  assert.equal(textOf(result), text);
  assert.deepEqual(result.structuredContent, { entries: text.trimEnd().split("\n") });
});

Deno.test("list_dir returns names with line feeds, and names that are not UTF-8", async () => {
  await using agent = await startAgent();
  const script = `cd '${agent.directory}' && touch $'a\\nb' $'c\\xff'`;
  await new Deno.Command("bash", { args: ["-c", script] }).output();
  const { structuredContent } = await agent.call("list_dir", { path: agent.directory });
  assert.deepEqual(structuredContent, { entries: ["a\nb", "c\ufffd"] });
});

Deno.test("list_dir returns no line for an empty directory", async () => {
  await using agent = await startAgent();
  const result = await agent.call("list_dir", { path: agent.directory });
  assert.equal(textOf(result), "");
  assert.deepEqual(result.structuredContent, { entries: [] });
});

Deno.test("list_dir returns the path of what is no directory, as ls does", async () => {
  await using agent = await startAgent();
  const file = `${agent.directory}/it's (a) file`;
  await Deno.writeTextFile(file, "");
  assert.equal(textOf(await agent.call("list_dir", { path: file })), `${file}\n`);
  await Deno.symlink("nowhere", `${agent.directory}/dangling`);
  const dangling = await agent.call("list_dir", { path: `${agent.directory}/dangling` });
  assert.equal(textOf(dangling), `${agent.directory}/dangling\n`);
});

Deno.test("list_dir follows a link to a directory, and lists / and .", async () => {
  await using agent = await startAgent();
  await Deno.mkdir(`${agent.directory}/real/inner`, { recursive: true });
  await Deno.symlink("real", `${agent.directory}/link`);
  const link = await agent.call("list_dir", { path: `${agent.directory}/link` });
  assert.equal(textOf(link), "inner\n");
  assert.match(textOf(await agent.call("list_dir", { path: "/" })), /^etc$/m);
  assert.match(textOf(await agent.call("list_dir", {})), /^deno\.json$/m);
});

Deno.test("list_dir says why it cannot list, also a path that looks like an option", async () => {
  await using agent = await startAgent();
  for (const path of [`${agent.directory}/none`, "-delete", "!", "(", "--help"]) {
    assert.equal(
      errorOf(await agent.call("list_dir", { path })),
      `Error: cannot list "${path}": no such file or directory`,
    );
  }
  await Deno.writeTextFile(`${agent.directory}/file`, "");
  const below = await agent.call("list_dir", { path: `${agent.directory}/file/below` });
  assert.match(errorOf(below), /not a directory$/);
});

Deno.test("list_dir lists ten thousand names", async () => {
  await using agent = await startAgent();
  const script = `cd '${agent.directory}' && touch {10000..19999}`;
  await new Deno.Command("bash", { args: ["-c", script] }).output();
  const { structuredContent } = await agent.call("list_dir", { path: agent.directory });
  const entries = Array.from({ length: 10_000 }, (_, index) => String(10_000 + index));
  assert.deepEqual(structuredContent, { entries });
});
