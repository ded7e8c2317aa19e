import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { dirname } from "node:path";
import { listFiles } from "../../scripts/deb/tree.ts";
import { mountSmall } from "../mount_small.ts";

const INSTALL = fileURLToPath(new URL("../../scripts/install.sh", import.meta.url));

/** A home, and `install.sh --agent` for a file in place of a binary. */
interface Place extends AsyncDisposable {
  readonly directory: string;
  readonly home: string;
  readonly install: (...args: readonly string[]) => Promise<string>;
}

/** `system` is what `uname` prints. */
async function makePlace(system: "Linux" | "Darwin"): Promise<Place> {
  const directory = await Deno.makeTempDir();
  const home = `${directory}/home of & <one>`;
  for (const name of [home, `${directory}/bin`, `${directory}/root`]) await Deno.mkdir(name);
  await Deno.writeTextFile(`${directory}/binary`, "#!/bin/sh\n");
  await Deno.writeTextFile(`${directory}/bin/uname`, `#!/bin/sh\necho ${system}\n`, {
    mode: 0o755,
  });
  return {
    directory,
    home,
    install: async (...args) => {
      const { code, stdout, stderr } = await new Deno.Command(INSTALL, {
        args: ["--agent", ...args],
        env: {
          HOME: home,
          DESTDIR: `${directory}/root`,
          PATH: `${directory}/bin:${Deno.env.get("PATH")}`,
        },
        stdin: "null",
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout);
    },
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

Deno.test("install.sh --agent --user installs below the home, twice, and removes it again", async () => {
  await using place = await makePlace("Linux");
  const root = `${place.directory}/root`;
  assert.match(
    await place.install("--user", "--binary", `${place.directory}/binary`),
    /--user enable/,
  );
  const installed = await listFiles(root);
  assert.deepEqual(
    installed.map((path) => `/${path}`.replace(place.home, "~")),
    [
      "~/.config/lmcp-agent/token",
      "~/.config/systemd/user/lmcp-agent.service",
      "~/.local/bin/lmcp-agent",
      "~/.local/share/doc/lmcp-agent/installed",
    ],
  );
  const token = `${root}${place.home}/.config/lmcp-agent/token`;
  const { mode } = await Deno.stat(token);
  assert.equal((mode ?? 0) & 0o777, 0o600);
  const text = await Deno.readTextFile(token);
  await place.install("--user", "--binary", `${place.directory}/binary`);
  assert.deepEqual(await listFiles(root), installed);
  assert.equal(await Deno.readTextFile(token), text);
  await place.install("--user", "--uninstall");
  assert.deepEqual(await Array.fromAsync(Deno.readDir(root)), []);
});

Deno.test("install.sh leaves no part of a file on a full disk, and goes on when there is room", async () => {
  await using place = await makePlace("Linux");
  const root = `${place.directory}/root`;
  const binary = `${place.directory}/binary`;
  const token = `${root}${place.home}/.config/lmcp-agent/token`;
  await Deno.mkdir(dirname(token), { recursive: true });
  {
    await using _disk = await mountSmall(dirname(token), { size: "4k" });
    await Deno.writeFile(`${dirname(token)}/full`, new Uint8Array(4096));
    await assert.rejects(place.install("--user", "--binary", binary), /cannot write .*\/token$/m);
    assert.deepEqual(await listFiles(dirname(token)), ["full"]);
  }
  await place.install("--user", "--binary", binary);
  assert.match(await Deno.readTextFile(token), /^[0-9a-f]{64}$/);
});

Deno.test("install.sh says that it needs root", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.chmod(directory, 0o755);
    await Deno.copyFile(INSTALL, `${directory}/install.sh`);
    await Deno.writeTextFile(`${directory}/lmcp-agent`, "#!/bin/sh\n");
    for (const args of [["--agent"], ["--agent", "--uninstall"], []]) {
      const command = ["-u", "nobody", "--", "sh", `${directory}/install.sh`, ...args];
      const { code, stderr } = await new Deno.Command("runuser", { args: command }).output();
      assert.equal(code, 2);
      assert.match(new TextDecoder().decode(stderr), /^install\.sh: run this as root; /);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("the user's unit of the agent is one that systemd takes", async () => {
  await using place = await makePlace("Linux");
  await place.install("--user", "--binary", `${place.directory}/binary`);
  const unit = `${place.directory}/root${place.home}/.config/systemd/user/lmcp-agent.service`;
  const text = await Deno.readTextFile(unit);
  assert.match(text, /^ExecStart=%h\/\.local\/bin\/lmcp-agent$/m);
  const copy = `${place.directory}/lmcp-agent.service`;
  const verify = async (text: string) => {
    await Deno.writeTextFile(copy, text.replace(/^ExecStart=.*/m, "ExecStart=/bin/true"));
    const { code, stderr } = await new Deno.Command("systemd-analyze", {
      args: ["--user", "verify", copy],
      env: { XDG_RUNTIME_DIR: place.directory },
    }).output();
    return `${code} ${new TextDecoder().decode(stderr)}`;
  };
  assert.equal(await verify(text), "0 ");
  // It would find something.
  assert.match(await verify(text.replace("KillMode=process", "KillMode=nobody")), /kill mode/);
});

Deno.test("install.sh --agent installs a service of launchd on macOS", async () => {
  for (const user of [false, true]) {
    await using place = await makePlace("Darwin");
    const flags = user ? ["--user"] : [];
    const said = await place.install(...flags, "--binary", `${place.directory}/binary`);
    assert.match(said, user ? /launchctl bootstrap user\/\d+ / : /launchctl bootstrap system /);
    const base = user ? place.home : "";
    const folder = user ? "Library/LaunchAgents" : "Library/LaunchDaemons";
    const plist = `${place.directory}/root${base}/${folder}/lmcp-agent.plist`;
    const { stdout } = await new Deno.Command("python3", {
      args: [
        "-c",
        "import json,plistlib,sys; print(json.dumps(plistlib.load(open(sys.argv[1],'rb'))))",
        plist,
      ],
    }).output();
    const service: Record<string, unknown> = JSON.parse(new TextDecoder().decode(stdout));
    const etc = user ? `${place.home}/.config/lmcp-agent` : "/etc/lmcp-agent";
    const prefix = user ? `${place.home}/.local` : "/usr/local";
    assert.deepEqual(service.EnvironmentVariables, {
      LMCP_TOKEN_FILE: `${etc}/token`,
      LMCP_STATE_DIR: user ? `${place.home}/.local/state/lmcp-agent` : "/var/lib/lmcp-agent",
    });
    const [, , start, ...paths] = Array.isArray(service.ProgramArguments)
      ? service.ProgramArguments.map(String)
      : [];
    assert.deepEqual(paths, [`${prefix}/bin/lmcp-agent`, `${etc}/environment`]);
    assert.equal(await startWith(place.directory, start ?? ""), "0.0.0.0\n");
    await place.install(...flags, "--uninstall");
    assert.deepEqual(await Array.fromAsync(Deno.readDir(`${place.directory}/root`)), []);
  }
});

/** What a program sees of a file of variables, if it is started as launchd starts the agent. */
async function startWith(directory: string, script: string): Promise<string> {
  await Deno.writeTextFile(`${directory}/environment`, "LMCP_HOST=0.0.0.0\n");
  const program = `${directory}/program`;
  await Deno.writeTextFile(program, '#!/bin/sh\necho "$LMCP_HOST"\n', { mode: 0o755 });
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", script, program, `${directory}/environment`],
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("install.sh --paths prints where the agent is installed", async () => {
  await using place = await makePlace("Linux");
  assert.equal(
    (await place.install("--user", "--paths")).replaceAll(place.home, "~"),
    `binary=~/.local/bin/lmcp-agent
unit=~/.config/systemd/user/lmcp-agent.service
etc=~/.config/lmcp-agent
state=~/.local/state/lmcp-agent
record=~/.local/share/doc/lmcp-agent/installed
`,
  );
});
