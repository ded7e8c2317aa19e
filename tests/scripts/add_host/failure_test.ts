import assert from "node:assert/strict";
import { until } from "../../processes.ts";
import { changeAgent, enlargeAgent, writeSums } from "./dist.ts";
import { type Machine, RESTART_SSHD, testOnMachine } from "./machine.ts";

/** Runs `add-host.sh`, which must fail with these words, and must have changed nothing. */
async function assertRefused(machine: Machine, args: string, words: RegExp): Promise<void> {
  const before = await machine.state();
  const { code, stdout, stderr } = await machine.addHost(args);
  assert.equal(code, 1, stdout + stderr);
  assert.match(stderr, words);
  assert.equal(await machine.state(), before, `${args}: ${stdout}${stderr}`);
}

testOnMachine("add-host.sh refuses a host for which there is no binary", async (machine) => {
  const { directory, sh } = machine;
  await sh(
    `printf '#!/bin/sh\\ncase $1 in -m) echo riscv64;; *) echo Linux;; esac\\n' >bin/uname; chmod +x bin/uname`,
  );
  await assertRefused(machine, "web1", /there are no binaries for Linux riscv64$/m);
  await sh(`sed -i s/riscv64/aarch64/ bin/uname`);
  await assertRefused(machine, "web1", /there is no lmcp-agent-linux-arm64: run deno task compile/);
  // One that is for another machine, or that somebody has changed.
  await Deno.writeTextFile(`${directory}/dist/lmcp-agent-linux-arm64`, "\x7fELF, of arm64");
  await assertRefused(machine, "web1", /SHA256SUMS does not name .*lmcp-agent-linux-arm64$/m);
  await writeSums(`${directory}/dist`);
  await assertRefused(machine, "web1", /\/lmcp-agent does not run there: /);
  await Deno.writeTextFile(`${directory}/dist/lmcp-agent-linux-arm64`, "changed");
  await assertRefused(machine, "web1", /has another checksum than in .*SHA256SUMS$/m);
  await sh("rm bin/uname; rm dist/SHA256SUMS");
  await assertRefused(machine, "web1", /there is no .*SHA256SUMS to compare/);
});

testOnMachine("add-host.sh notices that what arrives is not what was sent", async (machine) => {
  // The host's own head loses a byte of everything that is long, but for the script itself.
  await machine.sh(`cat >bin/head <<'END'
#!/bin/sh
/usr/bin/head "$@" >"$HOME/received" || exit
case $(/usr/bin/head -c 40 "$HOME/received") in
  *'# shellcheck'* | *'# Installs lmcp-hub'*) cat "$HOME/received" ;;
  *) tail -c +2 "$HOME/received" ;;
esac
rm "$HOME/received"
END
chmod +x bin/head`);
  await assertRefused(machine, "web1", /lmcp-agent arrived with another checksum/);
});

testOnMachine("add-host.sh leaves nothing where the host's disk is full", async (machine) => {
  await enlargeAgent(machine);
  // Where it is received, and where it is installed.
  for (const folder of ["/var/tmp", "/usr/local/bin"]) {
    await machine.sh(`mount -t tmpfs -o size=200k tmpfs ${folder}`);
    const words = folder === "/var/tmp"
      ? /is the disk full\?/
      : /install\.sh failed there: .*space/;
    await assertRefused(machine, "web1", words);
    await machine.sh(`umount ${folder}`);
  }
  await machine.sh("mount -t tmpfs -o ro tmpfs /etc/systemd/system");
  await assertRefused(machine, "web1", /install\.sh failed there: .*Read-only file system/);
});

testOnMachine("add-host.sh refuses a host without bash", async (machine) => {
  await machine.sh(LINKS.replace("NAMES", NEEDED.filter((name) => name !== "bash").join(" ")));
  await assertRefused(machine, "web1", /web1 has no bash, which the agent needs$/m);
});

testOnMachine("add-host.sh needs few programs on the host", async (machine) => {
  await machine.sh(LINKS.replace("NAMES", NEEDED.join(" ")));
  const { code, stderr } = await machine.addHost("web1");
  assert.equal(code, 0, stderr);
});

/** All that the host's part calls, and install.sh; and what the agent of the tests is started with. */
const NEEDED =
  "bash cat chmod cksum cmp cp cut dirname env grep head id mkdir mktemp mv nohup od rm rmdir sed sh sha256sum sleep sort tail tr uname"
    .split(" ");

/** The host's sshd starts programs with nothing else in their `PATH`. */
const LINKS = `for name in NAMES; do ln -s "$(command -v $name)" bin/$name; done
sed -i "s|^SetEnv PATH=.*|SetEnv PATH=$PWD/bin|" sshd_config
${RESTART_SSHD}`;

testOnMachine(
  "add-host.sh says so where an agent that runs has lost its token",
  async (machine) => {
    assert.equal((await machine.addHost("web1")).code, 0);
    await machine.sh("mv /etc/lmcp-agent/token /etc/lmcp-agent/elsewhere");
    await assertRefused(machine, "web1", /web1: cannot read \/etc\/lmcp-agent\/token/);
  },
);

testOnMachine("add-host.sh leaves an agent alone that a package has installed", async (machine) => {
  await machine.sh(
    "mkdir -p /usr/lib/systemd/system; : >/usr/lib/systemd/system/lmcp-agent.service",
  );
  await assertRefused(machine, "web1", /web1 has the package lmcp-agent: remove it there/);
  await assertRefused(machine, "web1 --remove", /web1 has the package lmcp-agent: remove it there/);
});

testOnMachine("add-host.sh refuses a port that is in use on the host", async (machine) => {
  await machine.sh(
    `python3 -c 'import http.server as h; h.HTTPServer(("127.0.0.1", ${machine.port}), h.BaseHTTPRequestHandler).serve_forever()' >/dev/null 2>&1 &
until bash -c ': </dev/tcp/127.0.0.1/${machine.port}' 2>/dev/null; do sleep 0.05; done`,
  );
  await assertRefused(machine, "web1", /port \d+ is in use there: choose another with --port$/m);
});

testOnMachine("add-host.sh undoes an installation whose agent does not start", async (machine) => {
  // It ends when it is started, not when it is asked for its version.
  await changeAgent(
    machine,
    '[ "$1" = --version ] || { echo lmcp-agent: out of luck; exit 3; }',
  );
  await assertRefused(machine, "web1", /does not listen on 127\.0\.0\.1, port \d+: .*out of luck/);
});

testOnMachine(
  "add-host.sh undoes an upgrade that fails: the former agent runs again",
  async (machine) => {
    assert.equal((await machine.addHost("web1")).code, 0);
    const before = await machine.state();
    await changeAgent(machine, '[ "$1" = --version ] || exit 3');
    const { code, stderr } = await machine.addHost("web1");
    assert.equal(code, 1, stderr);
    const probe = `dist/lmcp-hub --probe --registry ${machine.registry} --host web1`;
    // It takes a moment to start.
    await until(async () => /^web1 +UP +via=lmcp/.test((await machine.run(probe)).stdout), 30_000);
    assert.equal(await machine.state(), before);
  },
);

testOnMachine(
  "add-host.sh undoes everything if the hub cannot reach the agent",
  async (machine) => {
    const { registry, port, run, sh } = machine;
    await sh(`echo 'AllowTcpForwarding no' >>sshd_config; ${RESTART_SSHD}`);
    // By a clock that stands still no answer is slow, however busy this machine is.
    await sh("mkdir still; printf '#!/bin/sh\necho 0\n' >still/date; chmod +x still/date");
    const addHost = (args: string) =>
      run(`PATH=$PWD/still:$PATH dist/add-host.sh --registry ${registry} --port ${port} ${args}`);
    await assertRefused(
      { ...machine, addHost },
      "web1",
      /the hub does not see it UP over lmcp: .*AllowTcpForwarding/,
    );
  },
);

testOnMachine("add-host.sh --remove says what to do if the host is gone", async (machine) => {
  const { registry, sh } = machine;
  await Deno.writeTextFile(
    registry,
    '[hosts.old]\nlmcp_url = "ssh://gone.invalid:8080/mcp"\nssh_host = "gone.invalid"\ntoken_file = "tokens/old"\n',
  );
  await sh(
    "mkdir -m 700 registry/tokens; echo x >registry/tokens/old; chmod 600 registry/tokens/old",
  );
  await assertRefused(
    machine,
    "gone.invalid --name old --port 8080 --remove",
    /by ssh: .* If it is gone for good, remove \[hosts\.old\] from .*hosts\.toml, and .*tokens\/old$/m,
  );
});

testOnMachine(
  "add-host.sh does not mistake what ~/.bashrc prints for the host's",
  async (machine) => {
    // bash reads it where its standard input is sshd's.
    await machine.sh(
      `printf '%s\n' 'echo "failed by .bashrc"; echo "failed by .bashrc" >&2' >/root/.bashrc; usermod --shell /bin/sh root`,
    );
    const { code, stdout, stderr } = await machine.addHost("web1");
    assert.equal(code, 0, stdout + stderr);
  },
);

for (
  const [where, redirection] of [["standard output", ""], ["standard error", ">&2"]] as const
) {
  testOnMachine(`add-host.sh ends where a host floods ${where}`, async (machine) => {
    await machine.sh(`cat >flood <<'END'
#!/bin/sh
line=$(head -c 5000 /dev/zero | tr '\\0' x)
echo ok
yes "say $line" ${redirection}
END
chmod +x flood
echo "ForceCommand $PWD/flood" >>sshd_config; ${RESTART_SSHD}`);
    const before = await machine.state();
    const { code, stdout, stderr } = await machine.addHost("web1");
    assert.equal(code, 1, stdout + stderr);
    assert.match(stderr, /the connection to web1 ended: /);
    assert.ok(stderr.length < 3_000 && stdout.length < 1_000_000, String(stdout.length));
    assert.equal(await machine.state(), before);
  });
}

testOnMachine(
  "add-host.sh says what to do where the registry has no directory",
  async (machine) => {
    const args = "web1 --registry /nonexistent/hosts.toml";
    await assertRefused(
      machine,
      args,
      /\/nonexistent\/hosts\.toml: name that of .* --registry, or /,
    );
  },
);

testOnMachine("add-host.sh says why ssh does not get there", async (machine) => {
  await assertRefused(machine, "nobody@web1", /cannot use nobody@web1 by ssh: .*Permission denied/);
  await assertRefused(machine, "no-such-host.invalid", /by ssh: .*no-such-host\.invalid.*\S$/m);
});
