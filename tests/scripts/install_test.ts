import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const INSTALL = fileURLToPath(new URL("../../scripts/install.sh", import.meta.url));

/** A throwaway DESTDIR and a file that passes for a binary. */
interface Place extends AsyncDisposable {
  readonly destdir: string;
  readonly install: (args: string) => Promise<{ readonly code: number; readonly said: string }>;
}

async function makePlace(): Promise<Place> {
  const directory = await Deno.makeTempDir();
  const destdir = `${directory}/root`;
  await Deno.mkdir(destdir);
  await Deno.writeTextFile(`${directory}/binary`, "#!/bin/sh\n");
  return {
    destdir,
    install: async (args) => {
      const { code, stdout, stderr } = await new Deno.Command(INSTALL, {
        args: args.replace("BINARY", `${directory}/binary`).split(" "),
        env: { DESTDIR: destdir },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
    },
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

/** All files below a directory: mode and path. */
async function listFiles(directory: string, below = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory + below)) {
    const path = `${below}/${name}`;
    if (isDirectory) {
      const inside = await listFiles(directory, path);
      found.push(...inside.length === 0 ? [`${path}/`] : inside);
    } else {
      const { mode } = await Deno.stat(directory + path);
      found.push(`${((mode ?? 0) & 0o777).toString(8)} ${path}`);
    }
  }
  return found.toSorted();
}

Deno.test("install.sh installs the hub, twice, and removes it again", async () => {
  await using place = await makePlace();
  const { code, said } = await place.install("--binary BINARY");
  assert.equal(code, 0, said);
  const installed = [
    "600 /etc/lmcp-hub/token",
    "640 /etc/lmcp-hub/hosts.toml",
    "644 /etc/systemd/system/lmcp-hub-probe.service",
    "644 /etc/systemd/system/lmcp-hub-probe.timer",
    "644 /etc/systemd/system/lmcp-hub.service",
    "644 /usr/local/share/doc/lmcp-hub/hosts.toml.example",
    "644 /usr/local/share/doc/lmcp-hub/installed",
    "644 /usr/local/share/doc/lmcp-hub/operating.md",
    "755 /usr/local/bin/lmcp-hub",
  ];
  assert.deepEqual(await listFiles(place.destdir), installed);
  const token = await Deno.readTextFile(`${place.destdir}/etc/lmcp-hub/token`);
  assert.match(token, /^[0-9a-f]{64}$/);

  assert.equal((await place.install("--binary BINARY")).code, 0);
  assert.deepEqual(await listFiles(place.destdir), installed);
  assert.equal(await Deno.readTextFile(`${place.destdir}/etc/lmcp-hub/token`), token);

  assert.equal((await place.install("--uninstall")).code, 0);
  assert.deepEqual(await listFiles(place.destdir), []);
});

Deno.test("install.sh puts the agent beside the hub, below another prefix", async () => {
  await using place = await makePlace();
  assert.equal((await place.install("--binary BINARY")).code, 0);
  const hub = await listFiles(place.destdir);
  assert.equal((await place.install("--agent --prefix /opt/lmcp --binary BINARY")).code, 0);
  const unit = await Deno.readTextFile(
    `${place.destdir}/etc/systemd/system/lmcp-agent.service`,
  );
  assert.match(unit, /^ExecStart=\/opt\/lmcp\/bin\/lmcp-agent$/m);
  assert.equal((await place.install("--agent --prefix /opt/lmcp --uninstall")).code, 0);
  assert.deepEqual(await listFiles(place.destdir), hub);
});

Deno.test("install.sh --uninstall keeps a changed registry, and --purge does not", async () => {
  for (const [flags, kept] of [["", ["640 /etc/lmcp-hub/hosts.toml"]], [" --purge", []]] as const) {
    await using place = await makePlace();
    const registry = `${place.destdir}/etc/lmcp-hub/hosts.toml`;
    assert.equal((await place.install("--binary BINARY")).code, 0);
    await Deno.writeTextFile(registry, "# mine\n");
    assert.equal((await place.install("--binary BINARY")).code, 0);
    assert.equal(await Deno.readTextFile(registry), "# mine\n");
    const { code, said } = await place.install(`--uninstall${flags}`);
    assert.equal(code, 0);
    assert.equal(said.includes("kept /etc/lmcp-hub/hosts.toml"), kept.length > 0);
    assert.deepEqual(await listFiles(place.destdir), kept);
  }
});

Deno.test("install.sh refuses what it does not know, and changes nothing", async () => {
  await using place = await makePlace();
  for (const args of ["--agnet", "--prefix", "--prefix opt", "--binary /nowhere"]) {
    const { code, said } = await place.install(args);
    assert.equal(code, 2, args);
    assert.match(said, /^install\.sh: /);
  }
  assert.deepEqual(await listFiles(place.destdir), []);
});
