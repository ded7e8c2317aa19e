import assert from "node:assert/strict";
import { noteFiles } from "../../lib/config/files.ts";
import { systemSources } from "../../lib/config/sources.ts";
import { type FakeFile, fakeSources } from "./fake_sources.ts";

Deno.test("noteFiles() watches what was read or looked at, also what was missing", async () => {
  const files: Record<string, FakeFile> = { "/read": "a", "/looked": "a", "/other": "a" };
  const changed = async (path: string, file: FakeFile | null) => {
    const all = { ...files };
    const noted = noteFiles(fakeSources({ files: all }));
    await noted.sources.readTextFile("/read");
    await noted.sources.fileMode("/looked");
    await assert.rejects(noted.sources.readTextFile("/missing"), Deno.errors.NotFound);
    assert.equal(await noted.findChange(), null);
    if (file === null) delete all[path];
    else all[path] = file;
    return await noted.findChange() !== null;
  };
  assert.equal(await changed("/read", "b"), true);
  assert.equal(await changed("/read", null), true);
  assert.equal(await changed("/looked", { text: "a", mode: 0o644 }), true);
  assert.equal(await changed("/missing", "now"), true);
  assert.equal(await changed("/other", "b"), false);
});

Deno.test("noteFiles() sees a change that comes between the stamp and the read", async () => {
  const files: Record<string, FakeFile> = { "/f": "a" };
  const sources = fakeSources({ files });
  const noted = noteFiles({
    ...sources,
    readTextFile: (path) => {
      files["/f"] = "b";
      return sources.readTextFile(path);
    },
  });
  assert.equal(await noted.sources.readTextFile("/f"), "b");
  assert.notEqual(await noted.findChange(), null);
});

Deno.test("noteFiles() describes a change by what it is now", async () => {
  const files: Record<string, FakeFile> = { "/a": "1", "/b": "1" };
  const noted = noteFiles(fakeSources({ files }));
  for (const path of ["/a", "/b"]) await noted.sources.readTextFile(path);
  const seen: (string | null)[] = [];
  for (const [path, text] of [["/a", "2"], ["/b", "2"], ["/b", "3"], ["/b", "1"]] as const) {
    files[path] = text;
    const change = await noted.findChange();
    assert.equal(await noted.findChange(), change);
    seen.push(change);
  }
  assert.equal(new Set(seen).size, 3);
  assert.equal(seen.at(0), seen.at(-1));
  files["/a"] = "1";
  assert.equal(await noted.findChange(), null);
});

Deno.test("noteFiles() returns a file's stamp by its path", async () => {
  const noted = noteFiles(fakeSources({ files: { "/f": "a" } }));
  assert.equal(noted.stampOf("/f"), undefined);
  await noted.sources.fileMode("/f");
  assert.equal(typeof noted.stampOf("/f"), "string");
});

Deno.test("systemSources.fileStamp() changes with writes, replacements, modes and absence", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/f`;
  try {
    const stamps = [await systemSources.fileStamp(path)];
    await Deno.writeTextFile(path, "one", { mode: 0o600 });
    stamps.push(await systemSources.fileStamp(path));
    assert.equal(await systemSources.fileStamp(path), stamps.at(-1));
    await Deno.writeTextFile(path, "three");
    stamps.push(await systemSources.fileStamp(path));
    await Deno.writeTextFile(`${directory}/new`, "three", { mode: 0o600 });
    await Deno.rename(`${directory}/new`, path);
    stamps.push(await systemSources.fileStamp(path));
    await Deno.chmod(path, 0o644);
    stamps.push(await systemSources.fileStamp(path));
    assert.equal(new Set(stamps).size, stamps.length, stamps.join("\n"));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
