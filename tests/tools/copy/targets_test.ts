import assert from "node:assert/strict";
import { mountSmall } from "../../mount_small.ts";
import { rootTest } from "../../shell/hosts.ts";
import { labHost } from "../../lab/host.ts";
import { openCopyLab } from "./lab.ts";

const MIB = 1024 * 1024;

Deno.test("remote_copy reads the source once for twenty targets", async () => {
  await using lab = await openCopyLab(21);
  await Deno.writeFile(`${lab.directory}/from`, new Uint8Array(5 * MIB).fill(7));
  const { text } = await lab.copy({ from: `agent1:${lab.directory}/from`, to: "agent[2-21]:to" });
  assert.match(text, /^20 of 20 targets have it: file of 5\.2 MB/);
  assert.match(text, /^== agent\[2-21\] \(20\): copied$/m);
  for (let at = 2; at <= 21; at++) {
    assert.equal((await Deno.stat(`${lab.directory}/agent${at}/to`)).size, 5 * MIB);
  }
  const steps = (host: string) => lab.sent.filter((line) => line === `${host} piece`).length;
  assert.equal(steps("agent1"), steps("agent21"));
});

Deno.test("remote_copy notices that its source changes while it is read, and leaves targets as they were", async () => {
  await using lab = await openCopyLab(3);
  const from = `${lab.directory}/from`;
  await Deno.writeFile(from, new Uint8Array(17 * MIB));
  await Deno.writeTextFile(`${lab.directory}/agent2/to`, "old");
  const { text, isError } = await lab.copy({ from: `agent1:${from}`, to: "agent[2-3]:to" }, {
    onProgress: (line) => {
      if (!line.startsWith("5 of")) return;
      Deno.writeFileSync(from, new Uint8Array([1]), { append: true });
    },
  });
  assert.equal(isError, true);
  assert.match(
    text,
    /^== agent\[2-3\] \(2\): NOT COPIED, nothing has changed: the source: it changed while it was read; copy it again$/m,
  );
  assert.equal(await Deno.readTextFile(`${lab.directory}/agent2/to`), "old");
  assert.deepEqual(await lab.leftOvers(`${lab.directory}/agent2`), []);
  assert.deepEqual(await lab.leftOvers(`${lab.directory}/agent3`), []);
});

rootTest(
  "remote_copy leaves the old file where a disk is full, and goes on elsewhere",
  async () => {
    await using lab = await openCopyLab(3);
    await Deno.writeFile(`${lab.directory}/from`, new Uint8Array(13 * MIB).fill(1));
    const disk = `${lab.directory}/agent2/disk`;
    await Deno.mkdir(`${lab.directory}/agent3/disk`);
    await using _disk = await mountSmall(disk, { size: "16m" });
    await Deno.writeTextFile(`${disk}/to`, "old");
    const args = { from: `agent1:${lab.directory}/from`, to: "agent[2-3]:disk/to" };
    const { text, isError } = await lab.copy(args, {
      onProgress: (line) => {
        if (!line.startsWith("5 of")) return;
        Deno.writeFileSync(`${disk}/filler`, new Uint8Array(10 * MIB));
      },
    });
    assert.equal(isError, false);
    assert.match(text, /^1 of 2 targets has it/);
    assert.match(text, /^== agent2: FAILED, nothing has changed: .*: no space left on device$/m);
    assert.match(text, /^== agent3: copied$/m);
    assert.equal(await Deno.readTextFile(`${disk}/to`), "old");
    assert.deepEqual(await lab.leftOvers(disk), []);
    // What it cannot hold is not even begun.
    const again = await lab.copy(args);
    assert.match(
      again.text,
      /^== agent2: FAILED, nothing has changed: .*no space left on device$/m,
    );
  },
);

Deno.test("remote_copy goes on without a target that cannot be reached", async () => {
  const others = [labHost({ name: "dead", lmcpUrl: "http://127.0.0.1:1/mcp", sshHost: null })];
  await using lab = await openCopyLab(2, { others });
  await Deno.writeTextFile(`${lab.directory}/from`, "x");
  const { text, record } = await lab.copy({
    from: `agent1:${lab.directory}/from`,
    to: "dead agent2:to",
  });
  assert.match(text, /^== dead: NOT COPIED, nothing has changed: lmcp: connect: /m);
  assert.match(text, /^== agent2: copied$/m);
  assert.deepEqual(record.deliveries.map(({ host, outcome }) => `${host} ${outcome}`), [
    "agent1 ok",
    "agent2 ok",
    "dead not_delivered",
  ]);
});

Deno.test("remote_copy says what a dry run would do, and does nothing", async () => {
  await using lab = await openCopyLab(2);
  await Deno.writeTextFile(`${lab.directory}/from`, "x", { mode: 0o644 });
  const { text } = await lab.copy({
    from: `agent1:${lab.directory}/from`,
    to: "agent[1-2]:to",
    dry_run: true,
  });
  assert.equal(
    text,
    "dry run, nothing was copied: file of 1 bytes, mode 644, to 2 targets\npath: to\n" +
      "== agent[1-2] (2): it would be copied",
  );
  assert.deepEqual(lab.sent, ["agent1 look"]);
});

for (
  const [what, path, reason] of [
    ["a folder's name", "folder", /is a directory; end the path with \/ to copy into it/],
    ["a folder that is not there", "none/to", /no such file or directory/],
    ["a device", "/dev/null", /not a regular file|kernel/],
  ] as const
) {
  Deno.test(`remote_copy does not copy to ${what}`, async () => {
    await using lab = await openCopyLab(2);
    await Deno.mkdir(`${lab.directory}/agent2/folder`);
    await Deno.writeTextFile(`${lab.directory}/from`, "x");
    const { text, isError } = await lab.copy({
      from: `agent1:${lab.directory}/from`,
      to: `agent2:${path}`,
    });
    assert.equal(isError, true);
    assert.match(text, reason);
  });
}

Deno.test("remote_copy does not copy what is no file, or is kept", async () => {
  await using lab = await openCopyLab(2);
  const { success } = await new Deno.Command("mkfifo", { args: [`${lab.directory}/pipe`] })
    .output();
  assert.ok(success);
  for (
    const [path, reason] of [
      [`${lab.directory}/pipe`, /it is not a regular file/],
      [`${lab.directory}/none`, /no such file or directory/],
      ["/proc/self/environ", /kept from file tools|memory or the environment/],
      ["/proc/version", /made up by the kernel/],
    ] as const
  ) {
    const { text, isError } = await lab.copy({ from: `agent1:${path}`, to: "agent2:to" });
    assert.equal(isError, true);
    assert.match(text, /^Error: nothing was copied: /);
    assert.match(text, reason);
  }
});
