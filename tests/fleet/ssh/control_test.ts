import assert from "node:assert/strict";
import { mountSmall } from "../../mount_small.ts";
import {
  findControlFault,
  forwardSocket,
  MAX_CONTROL_DIRECTORY,
  openSshControl,
} from "../../../lib/fleet/ssh/control.ts";

async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "ctl-" });
  try {
    await run(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function names(directory: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(directory));
  return entries.map(({ name }) => name).sort();
}

async function modeOf(path: string): Promise<number> {
  return ((await Deno.lstat(path)).mode ?? 0) & 0o777;
}

Deno.test("openSshControl() makes the directory and its folders for this user alone", async () => {
  await inDirectory(async (directory) => {
    const control = await openSshControl(`${directory}/new`);
    const folder = await control.directoryFor("boltzmann");
    assert.equal(await modeOf(`${directory}/new`), 0o700);
    assert.equal(await modeOf(folder ?? ""), 0o700);
  });
});

Deno.test("openSshControl() leaves room in a socket's path for what ssh appends", async () => {
  await inDirectory(async (parent) => {
    const longest = parent + "/".padEnd(MAX_CONTROL_DIRECTORY - parent.length, "x");
    const control = await openSshControl(longest);
    const folder = await control.directoryFor("boltzmann");
    // ssh first binds the %C of 40 characters, a dot and 16 more: `mux.c`, muxserver_listen().
    const socket = `${folder}/${"c".repeat(40)}.${"r".repeat(16)}`;
    Deno.listen({ transport: "unix", path: socket }).close();
    await assert.rejects(
      openSshControl(`${longest}x`),
      new Error(
        `Cannot use control directory "${longest}x": longer than ${MAX_CONTROL_DIRECTORY} bytes`,
      ),
    );
  });
});

Deno.test("openSshControl() counts the directory's length in bytes", async () => {
  const directory = `/tmp/${"ä".repeat(20)}`;
  await assert.rejects(openSshControl(directory), /longer than \d+ bytes/);
});

for (const mode of [0o750, 0o707, 0o770, 0o777]) {
  Deno.test(`openSshControl() refuses a directory of mode 0${mode.toString(8)}`, async () => {
    await inDirectory(async (directory) => {
      await Deno.chmod(directory, mode);
      await assert.rejects(openSshControl(directory), /: others may enter it \(its mode must be/);
      assert.equal(await modeOf(directory), mode);
    });
  });
}

Deno.test("openSshControl() refuses a link, wherever it leads", async () => {
  await inDirectory(async (directory) => {
    await Deno.mkdir(`${directory}/own`, { mode: 0o700 });
    await Deno.symlink("own", `${directory}/link`);
    await assert.rejects(openSshControl(`${directory}/link`), /: it is no directory$/);
  });
});

const isRoot = Deno.uid() === 0;
Deno.test({
  name: isRoot
    ? "openSshControl() refuses another user's directory"
    : "openSshControl() refuses another user's directory (ignored: only root can give one away)",
  ignore: !isRoot,
  fn: async () => {
    await inDirectory(async (directory) => {
      await Deno.chown(directory, 65534, 65534);
      await assert.rejects(openSshControl(directory), /: it belongs to another user$/);
    });
  },
});

for (const directory of ["/tmp/a b", "/tmp/50%", "/tmp/$x", "/tmp/${x}", '/tmp/"', "/tmp/a\\"]) {
  Deno.test(`openSshControl() refuses ${directory}, which ssh would read otherwise`, async () => {
    await assert.rejects(openSshControl(directory), /: ssh would not take its ".+" literally$/);
    await assert.rejects(Deno.lstat(directory), Deno.errors.NotFound);
  });
}

/** Makes a folder look as if nothing had happened in it for two hours. */
async function age(path: string): Promise<void> {
  const then = new Date(Date.now() - 2 * 3_600_000);
  await Deno.utime(path, then, then);
}

Deno.test("openSshControl() removes what a hub left behind, and nothing else", async () => {
  await inDirectory(async (directory) => {
    const [left, used] = await Promise.all(["left", "used"].map(async (sshHost) => {
      const folder = await (await openSshControl(directory)).directoryFor(sshHost);
      await Deno.writeTextFile(`${folder}/socket`, "");
      return folder;
    }));
    for (const name of ["0123456789", "photos", "0123ABCD"]) {
      await Deno.mkdir(`${directory}/${name}`);
      await age(`${directory}/${name}`);
    }
    await Deno.writeTextFile(`${directory}/note`, "mine");
    await age(left ?? "");
    await openSshControl(directory);
    const kept = ["0123456789", "0123ABCD", "note", "photos", used?.split("/").at(-1)];
    assert.deepEqual(await names(directory), kept.sort());
  });
});

Deno.test("openSshControl() does not follow a link that looks like its folder", async () => {
  await inDirectory(async (directory) => {
    await Deno.mkdir(`${directory}/ctl`, { mode: 0o700 });
    await Deno.mkdir(`${directory}/precious`);
    await Deno.writeTextFile(`${directory}/precious/file`, "");
    await age(`${directory}/precious`);
    const link = `${directory}/ctl/0123abcd`;
    await new Deno.Command("ln", { args: ["-s", "../precious", link] }).output();
    await new Deno.Command("touch", { args: ["-h", "-d", "2 hours ago", link] }).output();
    await openSshControl(`${directory}/ctl`);
    assert.deepEqual(await names(`${directory}/precious`), ["file"]);
  });
});

Deno.test("SshControl shares no folder with another hub in the same directory", async () => {
  await inDirectory(async (directory) => {
    const [one, other] = [await openSshControl(directory), await openSshControl(directory)];
    assert.notEqual(await one.directoryFor("a"), await other.directoryFor("a"));
    assert.equal(await one.directoryFor("a"), await one.directoryFor("a"));
  });
});

Deno.test("SshControl keeps the folders of two destinations apart", async () => {
  await inDirectory(async (directory) => {
    const control = await openSshControl(directory);
    const [a, b] = [await control.directoryFor("a"), await control.directoryFor("b")];
    assert.notEqual(a, b);
    await Deno.writeTextFile(`${a}/socket`, "");
    assert.equal(await control.isWarm("a"), true);
    assert.equal(await control.isWarm("b"), false);
    await control.discard("a");
    assert.equal(await control.isWarm("a"), false);
    await control.discard("never seen");
  });
});

Deno.test({
  name: isRoot
    ? "openSshControl() refuses a directory in which nothing can be made"
    : "openSshControl() refuses a directory in which nothing can be made (ignored: only root can mount)",
  ignore: !isRoot,
  fn: async () => {
    await inDirectory(async (directory) => {
      await using disk = await mountSmall(`${directory}/ctl`, { size: "64k" });
      assert.notEqual(await openSshControl(`${directory}/ctl`), null);
      assert.deepEqual(await names(`${directory}/ctl`), []);
      await disk.makeReadOnly();
      await assert.rejects(openSshControl(`${directory}/ctl`), /Read-only file system/);
    });
  },
});

Deno.test("SshControl knows masters from what they forward, and from what is being made", async () => {
  await inDirectory(async (directory) => {
    const control = await openSshControl(directory);
    const folder = await control.directoryFor("a") ?? "";
    await Deno.writeTextFile(forwardSocket(folder, 8080), "");
    assert.deepEqual([await control.isWarm("a"), await control.masters("a")], [false, []]);
    await Deno.writeTextFile(`${folder}/0123.x`, "");
    assert.deepEqual([await control.isWarm("a"), await control.masters("a")], [true, []]);
    await Deno.writeTextFile(`${folder}/0123`, "");
    assert.deepEqual(await control.masters("a"), [`${folder}/0123`]);
    assert.deepEqual(await control.masters("never seen"), []);
  });
});

Deno.test("findControlFault() says why a directory is of no use, and makes none", async () => {
  await inDirectory(async (directory) => {
    const missing = `${directory}/new`;
    assert.equal(await findControlFault(missing), null);
    assert.deepEqual(await names(directory), []);
    assert.equal(await findControlFault(directory), null);
    const none = `${directory}/none/new`;
    assert.equal(
      await findControlFault(none),
      `Cannot use control directory "${none}": it cannot be made`,
    );
    await Deno.chmod(directory, 0o755);
    assert.match(await findControlFault(directory) ?? "", /: others may enter it/);
    assert.match(await findControlFault(`/tmp/${"x".repeat(200)}`) ?? "", /: longer than/);
  });
});

Deno.test("findControlFault() names the folders that the hub's own permissions allow", {
  permissions: { read: true, sys: true, write: ["/run/lmcp-hub"] },
}, async () => {
  assert.match(
    await findControlFault("/nope") ?? "",
    /may not write there, only below \/run\/lmcp/,
  );
});

Deno.test("openSshControl() makes no folder above its own", async () => {
  await inDirectory(async (directory) => {
    await assert.rejects(openSshControl(`${directory}/none/new`), Deno.errors.NotFound);
    assert.deepEqual(await names(directory), []);
  });
});

/** What may become of a control directory while it is in use, and why it is not used then. */
const CHANGES: readonly (readonly [string, (directory: string) => Promise<void>, RegExp])[] = [
  ["is opened to others", (directory) => Deno.chmod(directory, 0o755), /others may enter it/],
  ["is replaced by a link", async (directory) => {
    await Deno.rename(directory, `${directory}-moved`);
    await Deno.symlink(`${directory}-moved`, directory);
  }, /it is no directory/],
  ["is replaced by a file", async (directory) => {
    await Deno.remove(directory, { recursive: true });
    await Deno.writeTextFile(directory, "");
  }, /it is no directory/],
  ["is replaced by another user's", async (directory) => {
    await Deno.remove(directory, { recursive: true });
    await Deno.mkdir(directory, { mode: 0o700 });
    await Deno.chown(directory, 65534, 65534);
  }, /it belongs to another user/],
  ["is removed with the one above it", async (directory) => {
    await Deno.rename(
      directory.replace(/\/[^/]*$/, ""),
      `${directory.replace(/\/[^/]*$/, "")}-moved`,
    );
  }, /No such file/],
];

for (const [what, change, reason] of CHANGES) {
  const name = `SshControl does not use a directory that ${what}, and says why once`;
  const ignore = !isRoot && what.includes("another user");
  Deno.test({
    name: ignore ? `${name} (ignored: only root can give one away)` : name,
    ignore,
    fn: async () => {
      await inDirectory(async (above) => {
        const directory = `${above}/up/ctl`;
        await Deno.mkdir(`${above}/up`);
        const warnings: unknown[] = [];
        const warn = (error: unknown) => warnings.push(error);
        const control = await openSshControl(directory, { warn });
        assert.notEqual(await control.directoryFor("a"), null);
        await change(directory);
        assert.equal(await control.directoryFor("a"), null);
        assert.equal(await control.directoryFor("b"), null);
        await control.discard("a");
        assert.equal(warnings.length, 1);
        assert.match(String(warnings[0]), reason);
      });
    },
  });
}

Deno.test("SshControl makes its directory where it was cleaned up, and says when it fails again", async () => {
  await inDirectory(async (above) => {
    const directory = `${above}/ctl`;
    const warnings: unknown[] = [];
    const control = await openSshControl(directory, { warn: (error) => warnings.push(error) });
    const folder = await control.directoryFor("a");
    await Deno.remove(directory, { recursive: true });
    assert.equal(await control.directoryFor("a"), folder);
    assert.equal(await modeOf(directory), 0o700);
    for (const mode of [0o777, 0o700, 0o777]) {
      await Deno.chmod(directory, mode);
      assert.equal(await control.directoryFor("a"), mode === 0o700 ? folder : null);
    }
    assert.equal(warnings.length, 2);
  });
});
