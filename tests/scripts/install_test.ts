import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseRegistry } from "../../lib/config/registry/load.ts";
import { loadHubSettings } from "../../lib/config/settings.ts";
import { fakeSources } from "../config/fake_sources.ts";
import { runProgram } from "../e2e/program.ts";

const INSTALL = fileURLToPath(new URL("../../scripts/install.sh", import.meta.url));

/** A throwaway DESTDIR and a file in place of a binary. */
interface Place extends AsyncDisposable {
  readonly directory: string;
  readonly destdir: string;
  readonly install: (args: string) => Promise<{ readonly code: number; readonly said: string }>;
}

async function makePlace(): Promise<Place> {
  const directory = await Deno.makeTempDir();
  const destdir = `${directory}/root`;
  await Deno.mkdir(destdir);
  await Deno.writeTextFile(`${directory}/binary`, "#!/bin/sh\n");
  return {
    directory,
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
    "644 /usr/local/share/doc/lmcp-hub/installed",
    "755 /usr/local/bin/lmcp-hub",
    "755 /usr/local/bin/lmcp-hub-check",
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
  for (
    const args of ["--agnet", "--prefix", "--prefix opt", "--binary /nowhere", "--purge", "--user"]
  ) {
    const { code, said } = await place.install(args);
    assert.equal(code, 2, args);
    assert.match(said, /^install\.sh: /);
  }
  assert.deepEqual(await listFiles(place.destdir), []);
});

/** Runs a command to its end; what it printed on either stream. */
async function run(program: string, args: readonly string[], env: Record<string, string>) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    env,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("install.sh needs nothing but the binary beside it", async () => {
  await using place = await makePlace();
  const dist = `${place.directory}/dist`;
  await Deno.mkdir(dist);
  await Deno.copyFile(INSTALL, `${dist}/install.sh`);
  for (const [program, args] of [["lmcp-hub", []], ["lmcp-agent", ["--agent"]]] as const) {
    const missing = await run(`${dist}/install.sh`, args, { DESTDIR: place.destdir });
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, new RegExp(`^install\\.sh: no binary at ".*/dist/${program}": `));
    await Deno.writeTextFile(`${dist}/${program}`, program);
    assert.equal((await run(`${dist}/install.sh`, args, { DESTDIR: place.destdir })).code, 0);
    assert.equal(await Deno.readTextFile(`${place.destdir}/usr/local/bin/${program}`), program);
  }
});

Deno.test("install.sh --help prints how it is used, and does nothing", async () => {
  await using place = await makePlace();
  const { code, said } = await place.install("--agent --help");
  assert.equal(code, 0);
  assert.match(
    said,
    /^Installs lmcp-hub .*\n[^]*\n {2}install\.sh \[--agent \[--user\]\] .*--uninstall \[--purge\]\n/,
  );
  assert.doesNotMatch(said, /^#|set -eu/m);
  assert.deepEqual(await listFiles(place.destdir), []);
});

Deno.test("what install.sh installs passes --check", async () => {
  await using place = await makePlace();
  assert.equal((await place.install("--binary BINARY")).code, 0);
  const etc = `${place.destdir}/etc/lmcp-hub`;
  const { code, stdout } = await runProgram({
    args: ["--check", "--registry", `${etc}/hosts.toml`],
    env: { LMCP_TOKEN_FILE: `${etc}/token`, LMCP_HOST: "0.0.0.0" },
  });
  const path = `${etc}/hosts.toml`;
  const findings = `${path}: warning: has no hosts\n${path}: 0 hosts, 0 errors, 1 warning\n`;
  assert.deepEqual([code, stdout], [0, findings]);
});

Deno.test("install.sh installs examples that are right once they are no comments", async () => {
  await using place = await makePlace();
  assert.equal((await place.install("--binary BINARY")).code, 0);
  const text = await Deno.readTextFile(`${place.destdir}/etc/lmcp-hub/hosts.toml`);
  const sources = fakeSources({
    files: { "/etc/lmcp-hub/tokens/boltzmann": "of-boltzmann", "/etc/lmcp-hub/tokens/ci": "of-ci" },
  });
  const flags = {
    registry: null,
    results: null,
    port: null,
    argumentPort: null,
    bind: null,
    quiet: false,
  };
  const { settings } = await loadHubSettings({ ...sources, mode: "serve", flags });
  const inputs = { ...sources, path: "/etc/lmcp-hub/hosts.toml", defaults: settings.timeouts };
  const { registry, problems } = await parseRegistry(text.replace(/^#(?=\S)/gm, ""), inputs);
  assert.deepEqual(problems, []);
  assert.deepEqual([...registry.hosts.keys(), ...registry.clients.keys()], ["boltzmann", "ci"]);
});

Deno.test("install.sh leaves the Lua hub's registry in force", async () => {
  await using place = await makePlace();
  const legacy = `${place.destdir}/opt/herding/etc`;
  await Deno.mkdir(legacy, { recursive: true });
  await Deno.writeTextFile(`${legacy}/hub-backends.conf`, "a a\n");
  const { code, said } = await place.install("--binary BINARY");
  assert.equal(code, 0);
  assert.match(said, /^The registry is \/opt\/herding\/etc\/hub-backends\.conf; /);
  const files = await listFiles(place.destdir);
  assert.deepEqual(files.filter((file) => file.includes("/etc/lmcp-hub/")), [
    "600 /etc/lmcp-hub/token",
  ]);
});

/** `systemctl` for one service, which prints what is in `$SAYS` and ends with the status `$STATUS`. */
const SYSTEMCTL = `#!/bin/bash
case $1 in
  cat) cat "$DESTDIR/etc/systemd/system/$2" ;;
  daemon-reload) ;;
  start)
    unit=$PLACE/run/systemd/system/$2
    cp "$unit" "$PLACE/unit"
    printf %s "$SAYS" >>"$(sed -n 's/^StandardOutput=append://p' "$unit")"
    exit $((STATUS > 0))
    ;;
  show) echo "$STATUS" ;;
  status) echo "Process: 1 (code=exited, status=$STATUS)" ;;
esac
`;

Deno.test("lmcp-hub-check runs the service's own unit with --check, and passes on what that says", async () => {
  await using place = await makePlace();
  const { directory, destdir } = place;
  assert.equal((await place.install("--prefix /opt/lmcp --binary BINARY")).code, 0);
  await Deno.mkdir(`${directory}/bin`);
  await Deno.mkdir(`${directory}/run/systemd`, { recursive: true });
  await Deno.writeTextFile(`${directory}/bin/systemctl`, SYSTEMCTL, { mode: 0o755 });
  await Deno.writeTextFile(`${directory}/bin/id`, "#!/bin/sh\necho 0\n", { mode: 0o755 });
  const installed = await Deno.readTextFile(`${destdir}/opt/lmcp/bin/lmcp-hub-check`);
  const check = `${directory}/check`;
  await Deno.writeTextFile(check, installed.replaceAll("/run/", `${directory}/run/`), {
    mode: 0o755,
  });

  const env = { PATH: `${directory}/bin:/usr/bin:/bin`, DESTDIR: destdir, PLACE: directory };
  assert.deepEqual(await run(check, [], env), {
    code: 2,
    stdout: "",
    stderr: "lmcp-hub-check: systemd does not run here: use lmcp-hub --check\n",
  });
  assert.deepEqual(await listFiles(`${directory}/run`), ["/systemd/"]);
  await Deno.mkdir(`${directory}/run/systemd/system`);
  const results = [];
  for (const [STATUS, SAYS] of [["0", "sound\n"], ["2", "x: error: bad\n"], ["243", ""]] as const) {
    results.push(await run(check, [], { ...env, STATUS, SAYS }));
  }
  assert.deepEqual(results, [
    { code: 0, stdout: "sound\n", stderr: "" },
    { code: 2, stdout: "x: error: bad\n", stderr: "" },
    {
      code: 2,
      stdout: "",
      stderr: "lmcp-hub-check: the service could not run:\nProcess: 1 (code=exited, status=243)\n",
    },
  ]);
  const unit = await Deno.readTextFile(`${directory}/unit`);
  const service = await Deno.readTextFile(`${destdir}/etc/systemd/system/lmcp-hub.service`);
  assert.ok(unit.startsWith(service));
  assert.match(
    unit.slice(service.length),
    /^ExecStart=\nExecStart=\/opt\/lmcp\/bin\/lmcp-hub --check$/m,
  );
  assert.match(unit.slice(service.length), /^RuntimeDirectory=$/m);
  assert.deepEqual(await listFiles(`${directory}/run`), ["/systemd/system/"]);
});
