import assert from "node:assert/strict";
import type { Role } from "../../lib/config/variables.ts";
import { buildPackage } from "../../scripts/deb/build.ts";
import { debianVersion } from "../../scripts/deb/control.ts";
import { makeSandbox, type Sandbox, SANDBOX_IS_MISSING } from "./sandbox.ts";

const BINARY = Deno.env.get("LMCP_TEST_BINARY");

/** Packages of two versions, and a system to install them on. */
interface Lab extends Sandbox {
  readonly first: string;
  readonly second: string;
}

async function makeLab(role: Role): Promise<Lab> {
  await using stack = new AsyncDisposableStack();
  const output = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(output, { recursive: true }));
  const first = await build({ role, output, version: "1.0.0-rc.1" });
  const second = await build({ role, output, version: "1.0.0" });
  const sandbox = stack.use(await makeSandbox());
  // A hub or an agent that was run by hand may have left these.
  await sandbox.sh("rm -rf /run/lmcp-* /var/lib/lmcp-* /var/log/lmcp-* /var/tmp/lmcp-*");
  const owned = stack.move();
  return { ...sandbox, first, second, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function build(
  { role, output, version }: {
    readonly role: Role;
    readonly output: string;
    readonly version: string;
  },
): Promise<string> {
  const stand = `${output}/binary`;
  await Deno.writeTextFile(stand, `#!/bin/sh\necho "lmcp-${role} ${version}"\n`);
  return await buildPackage({
    role,
    binary: BINARY === undefined ? stand : BINARY.replace(/lmcp-hub(?=[^/]*$)/, `lmcp-${role}`),
    architecture: Deno.build.arch === "aarch64" ? "arm64" : "amd64",
    version,
    maintainer: "A Tester <tester@example.org>",
    date: new Date(Date.UTC(2026, 0, 2, 3, 4, 6)),
    output,
  });
}

/** Everything in the system that has a name of the programs, or that they made. */
const LEFT = `find /etc /usr /var /run -name '*lmcp-*' | sort
getent passwd lmcp-hub; getent group lmcp-hub; true`;

function testOnDebian(name: string, fn: () => Promise<void>): void {
  const ignore = SANDBOX_IS_MISSING !== null;
  Deno.test({ name: ignore ? `${name} (ignored: ${SANDBOX_IS_MISSING})` : name, ignore, fn });
}

testOnDebian("a package of the hub keeps what was configured until it is purged", async () => {
  await using lab = await makeLab("hub");
  const before = await lab.sh(LEFT);
  const said = await lab.sh(`dpkg -i ${lab.first}`);
  assert.doesNotMatch(said, /warning|error/i);
  await lab.sh(`lmcp-hub --version && test -f /usr/lib/systemd/system/lmcp-hub.service`);
  const token = await lab.sh("cat /etc/lmcp-hub/token");
  assert.match(token, /^[0-9a-f]{64}$/);
  assert.equal(
    await lab.sh("cd / && stat -c '%a %U:%G %n' etc/lmcp-hub etc/lmcp-hub/* var/l*/lmcp-hub"),
    `750 root:lmcp-hub etc/lmcp-hub
640 root:lmcp-hub etc/lmcp-hub/hosts.toml
600 root:root etc/lmcp-hub/token
700 lmcp-hub:lmcp-hub var/lib/lmcp-hub
700 lmcp-hub:lmcp-hub var/log/lmcp-hub
`,
  );

  await lab.sh(
    "echo '# mine' >/etc/lmcp-hub/hosts.toml; echo LMCP_PORT=1 >/etc/lmcp-hub/environment",
  );
  await lab.sh("echo key >/var/lib/lmcp-hub/key; chmod 0600 /etc/lmcp-hub/hosts.toml");
  await lab.sh(`dpkg -i ${lab.second}`);
  const mine = "cd /etc/lmcp-hub; cat hosts.toml environment token; stat -c '%a %U:%G' hosts.toml";
  const kept = `# mine\nLMCP_PORT=1\n${token}600 root:lmcp-hub\n`;
  assert.equal(await lab.sh(mine), kept);
  assert.equal(await lab.sh("dpkg-query -W -f '${Version}' lmcp-hub"), "1.0.0");
  // Only what the administrator changed differs from the package.
  assert.equal(
    (await lab.run("dpkg --verify lmcp-hub")).said,
    "??5?????? c /etc/lmcp-hub/hosts.toml\n",
  );

  await lab.sh("dpkg --remove lmcp-hub");
  assert.equal(await lab.sh(mine), kept);
  assert.equal((await lab.run("command -v lmcp-hub")).code, 127);
  await lab.sh(`dpkg -i ${lab.second} && cat /var/lib/lmcp-hub/key`);
  assert.equal(await lab.sh(mine), kept);

  await lab.sh("dpkg --purge lmcp-hub");
  assert.equal(await lab.sh(LEFT), before);
  await lab.sh(`dpkg -i ${lab.first}`);
  assert.notEqual(await lab.sh("cat /etc/lmcp-hub/token"), token);
});

testOnDebian("a package of the agent keeps what was configured until it is purged", async () => {
  await using lab = await makeLab("agent");
  const before = await lab.sh(LEFT);
  await lab.sh(`dpkg -i ${lab.first} && lmcp-agent --version`);
  const token = await lab.sh("cat /etc/lmcp-agent/token");
  assert.match(token, /^[0-9a-f]{64}$/);
  assert.equal(
    await lab.sh("stat -c '%a %U:%G' /etc/lmcp-agent/token /var/lib/lmcp-agent"),
    "600 root:root\n700 root:root\n",
  );
  await lab.sh("echo LMCP_PORT=1 >/etc/lmcp-agent/environment");
  await lab.sh(`dpkg -i ${lab.second} && dpkg --remove lmcp-agent`);
  assert.equal(await lab.sh("cd /etc/lmcp-agent; cat environment token"), `LMCP_PORT=1\n${token}`);
  await lab.sh("dpkg --purge lmcp-agent");
  assert.equal(await lab.sh(LEFT), before);
});

testOnDebian("both packages are installed side by side, and one is purged", async () => {
  await using hub = await makeLab("hub");
  await using agent = await makeLab("agent");
  await hub.sh(`dpkg -i ${hub.first} ${agent.first}`);
  await hub.sh("dpkg --purge lmcp-agent && test -e /etc/lmcp-hub/token && lmcp-hub --version");
});

testOnDebian("an upgrade leaves a configuration file removed that was removed", async () => {
  await using lab = await makeLab("hub");
  await lab.sh(`dpkg -i ${lab.first} && rm /etc/lmcp-hub/hosts.toml && dpkg -i ${lab.second}`);
  assert.equal((await lab.run("test -e /etc/lmcp-hub/hosts.toml")).code, 1);
  await lab.sh(`dpkg -i --force-confmiss ${lab.second}`);
  assert.equal(
    await lab.sh("stat -c '%a %U:%G' /etc/lmcp-hub/hosts.toml"),
    "640 root:lmcp-hub\n",
  );
});

testOnDebian("an installation that was interrupted is completed by dpkg --configure", async () => {
  await using lab = await makeLab("hub");
  // Wherever the script stops: before the user, after it, and in the middle of making the token.
  for (const command of ["adduser", "install", "chgrp", "mv"]) {
    const path = (await lab.sh(`command -v ${command}`)).trim();
    const real = `${path}.real`;
    await lab.sh(
      `mv ${path} ${real} && printf '#!/bin/sh\\nexit 1\\n' >${path} && chmod +x ${path}`,
    );
    assert.equal((await lab.run(`dpkg -i ${lab.first}`)).code, 1, command);
    assert.equal(
      await lab.sh("dpkg-query -W -f '${db:Status-Status}' lmcp-hub"),
      "half-configured",
    );
    await lab.sh(`${command === "mv" ? real : "mv"} -f ${real} ${path}`);
    await lab.sh("dpkg --configure lmcp-hub");
    assert.equal(
      await lab.sh("stat -c '%U' /var/lib/lmcp-hub && wc -c </etc/lmcp-hub/token"),
      "lmcp-hub\n64\n",
    );
    await lab.sh("dpkg --purge lmcp-hub");
    assert.equal(
      await lab.sh("getent passwd lmcp-hub; ls -d /etc/lmcp-hub /var/l*/lmcp-hub; true").then((
        text,
      ) => text.match(/lmcp-hub:/g)),
      null,
    );
  }
});

testOnDebian(
  "a user that exists already is used, and stays when the package is purged",
  async () => {
    await using lab = await makeLab("hub");
    await lab.sh("useradd --system --home-dir /srv/elsewhere lmcp-hub");
    const user = await lab.sh("getent passwd lmcp-hub; getent group lmcp-hub");
    await lab.sh(`dpkg -i ${lab.first} && dpkg --purge lmcp-hub`);
    assert.equal(await lab.sh("getent passwd lmcp-hub; getent group lmcp-hub"), user);
  },
);

testOnDebian("purging succeeds while a process of the user runs", async () => {
  await using lab = await makeLab("hub");
  await lab.sh(`dpkg -i ${lab.first}`);
  const pid = (await lab.sh(
    "runuser -u lmcp-hub -- sleep 60 >/dev/null 2>&1 & sleep 0.3; pgrep -u lmcp-hub sleep",
  )).trim();
  try {
    const { code, said } = await lab.run("dpkg --purge lmcp-hub");
    assert.equal(code, 0, said);
    assert.match(said, /lmcp-hub: the user lmcp-hub is left/);
    assert.equal((await lab.run("ls -d /etc/lmcp-hub /var/l*/lmcp-hub")).code, 2);
  } finally {
    await lab.run(`kill ${pid}`);
  }
});

testOnDebian("a package says what keeps it from being used", async () => {
  await using lab = await makeLab("hub");
  await lab.sh("mkdir -p /etc/systemd/system && touch /etc/systemd/system/lmcp-hub.service");
  const said = await lab.sh(`dpkg -i ${lab.first}`);
  assert.match(said, /lmcp-hub: \/etc\/systemd\/system\/lmcp-hub\.service hides the unit/);
});

testOnDebian("a package is the same whenever it is built", async () => {
  const output = await Deno.makeTempDir();
  try {
    const sums = [];
    for (const umask of [0o022, 0o077]) {
      const former = Deno.umask(umask);
      try {
        const path = await build({ role: "hub", output, version: "1.0.0" });
        sums.push(await Deno.readFile(path));
      } finally {
        Deno.umask(former);
      }
    }
    assert.deepEqual(sums[0], sums[1]);
    assert.deepEqual(
      (await Array.fromAsync(Deno.readDir(output))).map(({ name }) => name).toSorted(),
      [`binary`, `lmcp-hub_1.0.0_${Deno.build.arch === "aarch64" ? "arm64" : "amd64"}.deb`],
    );
  } finally {
    await Deno.remove(output, { recursive: true });
  }
});

Deno.test("a pre-release sorts before its release", () => {
  assert.deepEqual(["1.0.0-rc.1", "1.0.0"].map(debianVersion), ["1.0.0~rc.1", "1.0.0"]);
});
