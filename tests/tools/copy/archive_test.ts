import assert from "node:assert/strict";
import { ArchiveInspection } from "../../../lib/tools/copy/archive.ts";
import { labHost } from "../../lab/host.ts";
import { startAgentServer } from "../../lab/agent_server.ts";
import { removeDirectory } from "../../remove_directory.ts";
import { openCopyLab } from "./lab.ts";
import { tarBytes, type TarEntry } from "./tar_bytes.ts";

const HOSTILE: Readonly<Record<string, readonly TarEntry[]>> = {
  "climbs": [{ path: "../evil", content: "x" }],
  "climbs behind a folder": [{ path: "a", type: "5" }, { path: "a/../../evil", content: "x" }],
  "is absolute": [{ path: "/tmp/evil", content: "x" }],
  "has a link to an absolute path": [{ path: "l", type: "2", link: "/etc" }],
  "has a link that climbs": [{ path: "d/l", type: "2", link: "../../etc" }],
  "has a link that climbs behind a name": [
    { path: "d/l", type: "2", link: ".." },
    { path: "d/m", type: "2", link: "l/.." },
  ],
  "writes through a link": [
    { path: "l", type: "2", link: "d" },
    { path: "l/evil", content: "x" },
  ],
  "writes through a link of the same name in other letters": [
    { path: "L", type: "2", link: "d" },
    { path: "l/evil", content: "x" },
  ],
  "has a file over a link": [{ path: "l", type: "2", link: "d" }, { path: "./l", content: "x" }],
  "has a hard link to the outside": [{ path: "h", type: "1", link: "../../etc/passwd" }],
  "has a hard link to a link": [
    { path: "a/b/l", type: "2", link: "../../x" },
    { path: "h", type: "1", link: "a/b/l" },
  ],
  "has a device": [{ path: "null", type: "3" }],
  "has a pipe": [{ path: "pipe", type: "6" }],
  "has a longer name that climbs": [
    { path: "././@LongLink", type: "L", content: "../evil\0" },
    { path: "good", content: "x" },
  ],
  "has a longer link that climbs": [
    { path: "././@LongLink", type: "K", content: "../evil\0" },
    { path: "good", type: "2", link: "x" },
  ],
  "has an extended header with a path that climbs": [
    { path: "p", type: "x", content: "16 path=../evil\n" },
    { path: "good", content: "x" },
  ],
  "has an extended header that is not known": [
    { path: "p", type: "x", content: "22 GNU.sparse.major=1\n" },
    { path: "good", content: "x" },
  ],
  "has a header for all": [{ path: "g", type: "g", content: "16 path=../evil\n" }],
};

for (const [what, entries] of Object.entries(HOSTILE)) {
  Deno.test(`ArchiveInspection refuses an archive that ${what}`, () => {
    assert.match(inspect(tarBytes(entries)) ?? "good", /was not extracted: /);
  });
}

Deno.test("ArchiveInspection refuses what is cut off, damaged, or goes on behind its end", () => {
  const good = tarBytes([{ path: "a", content: "x" }]);
  assert.equal(inspect(good), null);
  assert.match(inspect(good.subarray(0, 1024)) ?? "", /ends too soon/);
  assert.match(inspect(good.with(0, 0x62)) ?? "", /checksum/);
  assert.match(inspect(Uint8Array.from([...good, ...good])) ?? "", /behind its end/);
});

for (const format of ["gnu", "pax", "ustar"]) {
  Deno.test(`ArchiveInspection passes what tar makes as ${format}`, async () => {
    const directory = await Deno.makeTempDir();
    const deep = `${directory}/in/${"d".repeat(70)}/${"e".repeat(70)}`;
    await Deno.mkdir(deep, { recursive: true });
    await Deno.writeTextFile(`${deep}/${"ü".repeat(20)}`, "x".repeat(1500));
    await Deno.symlink("../..", `${deep}/up`);
    if (format !== "ustar") await Deno.writeTextFile(`${deep}/${"n".repeat(255)}`, "");
    if (format !== "ustar") await Deno.link(`${deep}/${"ü".repeat(20)}`, `${directory}/in/hard`);
    const { stdout, stderr, success } = await new Deno.Command("tar", {
      args: [`--format=${format}`, "-C", `${directory}/in`, "-cf", "-", "."],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    assert.equal(inspect(stdout), null);
    await removeDirectory(directory);
  });
}

Deno.test("remote_copy extracts nothing of a hostile host's archive", async () => {
  const home = await Deno.realPath(await Deno.makeTempDir());
  // What the host calls tar makes an archive that climbs, whatever it is asked for.
  await Deno.mkdir(`${home}/bin`);
  await Deno.writeFile(`${home}/evil.tar`, tarBytes([{ path: "../evil", content: "x" }]));
  const script = '#!/bin/sh\nwhile [ "$1" != -cf ]; do shift; [ $# -gt 0 ] || exit 0; done\n' +
    `cat '${home}/evil.tar' >"$2"\n`;
  await Deno.writeTextFile(`${home}/bin/tar`, script, { mode: 0o755 });
  await using liar = startAgentServer(home, { path: `${home}/bin:${Deno.env.get("PATH")}` });
  const host = labHost({ name: "liar", lmcpUrl: liar.url, sshHost: null });
  await using lab = await openCopyLab(2, { others: [host] });
  await Deno.mkdir(`${lab.directory}/from`);
  const { text, isError } = await lab.copy({
    from: `liar:${lab.directory}/from`,
    to: `agent[1-2]:${lab.directory}/to`,
  });
  assert.equal(isError, true, text);
  assert.match(text, /was not extracted: a name in it leads outside: "\.\.\/evil"/);
  await assert.rejects(Deno.lstat(`${lab.directory}/to`));
  await assert.rejects(Deno.lstat(`${lab.directory}/evil`));
  assert.deepEqual(await lab.leftOvers(), []);
  await removeDirectory(home);
});

/** By pieces of an odd size. */
function inspect(bytes: Uint8Array): string | null {
  const inspection = new ArchiveInspection();
  for (let at = 0; at < bytes.length; at += 333) {
    const fault = inspection.take(bytes.subarray(at, at + 333));
    if (fault !== null) return fault;
  }
  return inspection.end();
}
