import assert from "node:assert/strict";
import { debianVersion } from "../../scripts/deb/control.ts";
import { runOwnProcess } from "../own_process.ts";
import { build, LEFT, makeLab, testOnDebian } from "./deb_lab.ts";
import { SANDBOX_IS_MISSING } from "./sandbox.ts";

/** The hub's binary; most of these tests need no real one. */
const BINARY = Deno.env.get("LMCP_TEST_BINARY");

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
  await lab.sh(`dpkg -i ${lab.second} && dpkg -i ${lab.second}`);
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

testOnDebian("a package takes over from install.sh as its README says", async () => {
  for (const role of ["hub", "agent"] as const) {
    await using lab = await makeLab(role);
    const name = `lmcp-${role}`;
    const install = new URL("../../scripts/install.sh", import.meta.url).pathname;
    const flag = role === "agent" ? "--agent" : "";
    await lab.sh(`${install} ${flag} --binary ${lab.output}/binary`);
    await lab.sh(`echo '# mine' >/etc/${name}/hosts.toml`);
    const token = await lab.sh(`cat /etc/${name}/token`);
    const said = await lab.sh(`dpkg -i --force-confold ${lab.first}`);
    assert.match(said, /\/etc\/systemd\/system\/.* hides .*README\.Debian/);
    const readme = await lab.sh(`cat /usr/share/doc/${name}/README.Debian`);
    const commands = readme.match(/^ {2}rm .*$/gm) ?? [];
    assert.equal(commands.length, 2);
    await lab.sh(commands.join("\n"));
    const left = await lab.sh("find /etc/systemd /usr/local -name 'lmcp-*'");
    assert.equal(left, "");
    assert.equal(await lab.sh(`command -v ${name}`), `/usr/bin/${name}\n`);
    assert.equal(
      await lab.sh(`cat /etc/${name}/hosts.toml /etc/${name}/token`),
      `# mine\n${token}`,
    );
  }
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

testOnDebian("the units of the packages are valid", async () => {
  await using hub = await makeLab("hub");
  await using agent = await makeLab("agent");
  const said = await hub.sh(`dpkg -i ${hub.first} ${agent.first} >/dev/null
cd /usr/lib/systemd/system
command -v systemd-analyze >/dev/null || exit 0
systemd-analyze verify lmcp-hub.service lmcp-hub-probe.service lmcp-hub-probe.timer lmcp-agent.service`);
  assert.equal(said, "");
});

Deno.test({
  name: `the installed hub finds no fault in what the package configures${
    BINARY === undefined ? " (ignored: no binary)" : ""
  }`,
  ignore: BINARY === undefined || SANDBOX_IS_MISSING !== null,
  fn: async () => {
    await using lab = await makeLab("hub");
    const path = await build({
      role: "hub",
      output: lab.output,
      version: "2.0.0",
      ...(BINARY === undefined ? {} : { binary: BINARY }),
    });
    await lab.sh(`dpkg -i ${path}`);
    assert.match(await lab.sh("lmcp-hub --version"), /^lmcp-hub \d/);
    const said = await lab.sh(
      "runuser -u lmcp-hub -- env LMCP_TOKEN=t0ken-of-a-test LMCP_HOST=0.0.0.0 lmcp-hub --check",
    );
    assert.match(said, /^\/etc\/lmcp-hub\/hosts\.toml: 0 hosts, 0 errors, 1 warning$/m);
  },
});

testOnDebian("a package is the same whenever it is built", async () => {
  const output = await Deno.makeTempDir();
  try {
    const sums = [];
    for (const umask of ["022", "077"]) {
      const path = await runOwnProcess("packages/built_package.ts", { args: [output], umask });
      sums.push(await Deno.readFile(path.trimEnd()));
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
