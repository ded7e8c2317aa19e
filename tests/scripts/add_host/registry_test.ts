import assert from "node:assert/strict";
import { type Machine, testOnMachine } from "./machine.ts";

async function succeed(machine: Machine, args: string): Promise<string> {
  const { code, stdout, stderr } = await machine.addHost(args);
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

async function refuse(machine: Machine, args: string, words: RegExp, status = 1): Promise<void> {
  const before = await machine.state();
  const { code, stdout, stderr } = await machine.addHost(args);
  assert.equal(code, status, stdout + stderr);
  assert.match(stderr, words);
  assert.equal(await machine.state(), before, stdout + stderr);
}

testOnMachine("add-host.sh keeps a registry's bytes, owner and mode", async (machine) => {
  const { registry, port, sh } = machine;
  const text = '# é\r\n[hosts.other] # in here\r\nssh_host = "other"  # no end';
  await Deno.writeTextFile(registry, text);
  await sh(`chown root:games ${registry}; chmod 2640 ${registry}`);
  await succeed(machine, "web1");
  const lines = [
    "",
    "",
    "[hosts.web1]",
    `lmcp_url = "ssh://web1:${port}/mcp"`,
    'ssh_host = "web1"',
    'token_file = "tokens/web1"',
  ];
  assert.equal(await Deno.readTextFile(registry), text + lines.join("\r\n"));
  const owner = `stat -c '%a %U %G' ${registry}`;
  assert.equal(await sh(owner), "2640 root games\n");
  await succeed(machine, "web1 --remove");
  assert.equal(await Deno.readTextFile(registry), text);
  assert.equal(await sh(owner), "2640 root games\n");
});

testOnMachine(
  "add-host.sh adds the agent to a host that has ssh alone, and takes it away",
  async (machine) => {
    const { registry, port } = machine;
    const text =
      '[hosts.Web2]\nssh_host = "Web2" # imported\ntags = ["a"]\n[groups]\nall2 = "Web2"\n';
    await Deno.writeTextFile(registry, text);
    await refuse(machine, "Web2 --tags b", /with other tags: change them there$/m);
    await refuse(
      machine,
      "web1 --name Web2",
      /is in .* already \(line 1\), with another address: Web2;/,
    );
    await succeed(machine, "Web2 --tags a");
    const mark = "  # add-host.sh";
    assert.equal(
      await Deno.readTextFile(registry),
      text.replace(
        "\n",
        `\nlmcp_url = "ssh://Web2:${port}/mcp"${mark}\ntoken_file = "tokens/Web2"${mark}\n`,
      ),
    );
    const state = await machine.state();
    assert.match(await succeed(machine, "Web2"), /nothing to do/);
    assert.equal(await machine.state(), state);
    assert.match(await succeed(machine, "Web2 --tags a"), /nothing to do/);
    await refuse(machine, "web1 --name Web2", /with another address: ssh:\/\/Web2:/);
    await refuse(machine, "web1 --name Web2 --remove", /has another address: ssh:\/\/Web2:/);
    await succeed(machine, "Web2 --remove");
    assert.equal(await Deno.readTextFile(registry), text);
  },
);

testOnMachine(
  "add-host.sh refuses what it cannot write down, before it goes to the host",
  async (machine) => {
    for (
      const [args, words] of [
        ["", /which host\?/],
        ["web1 web2", /one host at a time/],
        [`'web1"'`, /is not \[USER@\]HOST/],
        ["'we b1'", /is not \[USER@\]HOST/],
        ["'web1\nweb2'", /is not \[USER@\]HOST/],
        ["root@-oProxyCommand=x", /is not|starts with/],
        ["root@-x", /starts with "-"/],
        ["web1:22", /ssh's port belongs in ssh's configuration/],
        [`web1 --name 'a"b'`, /cannot be a name/],
        ["web1 --name 'a]\n[clients.x'", /cannot be a name/],
        ["web1 --name ../x", /cannot be a name/],
        ["web1 --name -x", /cannot be a name/],
        ["fe80::1", /cannot be a name/],
        [`web1 --tags 'a"'`, /"--tags" must be like/],
        ["web1 --tags a,,b", /"--tags" must be like/],
        ["web1 --tags 'a b'", /"--tags" must be like/],
        ["web1 --tags ''", /"--tags" needs a value/],
        ["web1 --port 0", /"--port" must be/],
        ["web1 --port 65536", /"--port" must be/],
        ["web1 --port 1e3", /"--port" must be/],
        ["web1 --listen 0.0.0.0", /by which the hub reaches/],
        ["web1 --listen localhost", /must be an IP address/],
        ["web1 --listen", /needs a value/],
        ["web1 --hub-user 'x;y'", /must be the name of a user/],
        ["web1 --frobnicate", /unknown argument "--frobnicate"/],
      ] as const
    ) await refuse(machine, args, words, 2);
    await refuse(machine, "web1 --registry hosts.conf", /is no registry in TOML/);
    await refuse(machine, "web1 --registry nowhere/hosts.toml", /there is no directory/);
    await refuse(machine, "web1 --hub-user nobody-here", /there is no user nobody-here/);
    await Deno.writeTextFile(machine.registry, "[hosts.a]\nssh_hots = 'a'\n");
    await refuse(machine, "web1", /has errors already: .*ssh_hots/s);
    await Deno.writeTextFile(machine.registry, "[hosts]\nweb1 = { ssh_host = 'a' }\n");
    await refuse(machine, "web1", /would have errors: .*hosts\.toml/s);
    await machine.sh("mkdir registry/tokens; echo mine >registry/tokens/web1");
    await Deno.writeTextFile(machine.registry, "");
    await refuse(machine, "web1", /tokens\/web1 is there already, and belongs to no host "web1"/);
  },
);

testOnMachine("add-host.sh refuses a registry that it cannot replace", async (machine) => {
  const { registry, sh } = machine;
  await sh("mount --bind registry registry; mount -o remount,ro,bind registry");
  await refuse(machine, "web1", /cannot write beside .*Read-only file system/);
  await sh("umount registry; chmod 777 . registry; chown tester registry");
  const asTester = (args: string) =>
    machine.run(`cp -r /root/.ssh/id_ed25519 /root/.ssh/config /home/tester/.ssh/
chown -R tester /home/tester/.ssh; runuser -u tester -- dist/add-host.sh web1 --registry ${registry} ${args}`);
  const before = await Deno.readTextFile(registry);
  const { code, stderr } = await asTester(`--port ${machine.port}`);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /belongs to another user/);
  assert.equal(await Deno.readTextFile(registry), before);
});

testOnMachine("add-host.sh run again with the same tags changes nothing", async (machine) => {
  const { registry } = machine;
  await Deno.writeTextFile(registry, '[hosts.web1]\nssh_host = "web1"\n');
  await succeed(machine, "web1 --tags lab,gpu");
  const state = await machine.state();
  assert.match(await succeed(machine, "web1 --tags lab,gpu"), /nothing to do/);
  assert.equal(await machine.state(), state);
  await refuse(machine, "web1 --tags lab", /with other tags: change them there$/m);
});

testOnMachine("add-host.sh says why the hub cannot run, or keep connections", async (machine) => {
  const { directory, registry, port, run, sh } = machine;
  // Another user's, who was there first.
  await sh(
    "mkdir -p /var/lib/lmcp-hub; mkdir -m 700 /var/lib/lmcp-hub/x; chown tester /var/lib/lmcp-hub/x",
  );
  const before = await machine.state();
  const { code, stderr } = await run(
    `LMCP_HUB_CONTROL_DIR=/var/lib/lmcp-hub/x dist/add-host.sh web1 --registry ${registry} --port ${port}`,
  );
  assert.equal(code, 1, stderr);
  assert.match(
    stderr,
    /the hub cannot keep ssh connections: .*"\/var\/lib\/lmcp-hub\/x": it belongs to/,
  );
  assert.equal(await machine.state(), before);
  await Deno.remove(`${directory}/dist/lmcp-hub`);
  await Deno.writeTextFile(`${directory}/dist/lmcp-hub`, "\x7fELF, of arm64", { mode: 0o755 });
  await refuse(machine, "web1", /the hub cannot be run: .*(format|not found)/);
  await Deno.remove(`${directory}/dist/lmcp-hub`);
  await refuse(
    machine,
    "web1",
    /there is no lmcp-hub: run deno task compile, or name it with --hub/,
  );
});

testOnMachine("add-host.sh keeps the token of a host with a longer name", async (machine) => {
  const { registry, sh } = machine;
  const names = ["web1.new", "web1.old", "web1.lock"];
  await Deno.writeTextFile(
    registry,
    names.map((name) => `[hosts."${name}"]\nssh_host = "x"\ntoken_file = "tokens/${name}"\n`).join(
      "",
    ),
  );
  await sh(
    `mkdir -m 700 registry/tokens; cd registry/tokens; umask 077; for name in ${
      names.join(" ")
    }; do echo mine >$name; done`,
  );
  const before = await machine.state();
  await succeed(machine, "web1");
  assert.equal(await sh(`cd registry/tokens; cat ${names.join(" ")}`), "mine\n".repeat(3));
  await succeed(machine, "web1 --remove");
  assert.equal(await machine.state(), before);
});

testOnMachine("two runs of add-host.sh at once wait for each other", async (machine) => {
  const { registry } = machine;
  const runs = await Promise.all([
    machine.addHost("web1"),
    machine.addHost("web1"),
  ]);
  for (const { code, stdout, stderr } of runs) assert.equal(code, 0, stdout + stderr);
  const said = runs.map(({ stdout }) => stdout);
  assert.equal(said.filter((text) => text.includes("waiting for another run")).length, 1);
  assert.equal(said.filter((text) => text.includes("nothing to do")).length, 1);
  const text = await Deno.readTextFile(registry);
  assert.equal(text.match(/\[hosts\.web1\]/g)?.length, 1);
});

testOnMachine("add-host.sh names the lock of a run that was killed", async (machine) => {
  await machine.sh(`ln -s process-99999 ${machine.registry}.lock`);
  await refuse(machine, "web1", /another run was killed: if none runs, rm .*hosts\.toml\.lock$/m);
});

testOnMachine("add-host.sh makes a registry, and follows a link to one", async (machine) => {
  const { registry, port, sh } = machine;
  await Deno.remove(registry);
  await Deno.symlink("real.toml", registry);
  const before = await machine.state();
  await succeed(machine, "web1");
  assert.equal((await Deno.lstat(registry)).isSymlink, true);
  assert.equal(await sh("stat -c %a registry/real.toml"), "600\n");
  assert.match(
    await Deno.readTextFile(registry),
    new RegExp(`^\\[hosts\\.web1\\]\n.*:${port}/mcp"`),
  );
  await succeed(machine, "web1 --remove");
  assert.equal(await Deno.readTextFile(registry), "");
  await sh("rm registry/real.toml");
  assert.equal(await machine.state(), before);
});

testOnMachine("add-host.sh --dry-run says what it would do, and does nothing", async (machine) => {
  const before = await machine.state();
  const said = await succeed(machine, "web1 --tags lab --dry-run");
  assert.match(said, /would copy .*\/lmcp-agent to \/usr\/local\/bin\/lmcp-agent$/m);
  assert.match(said, /would add to .*hosts\.toml:\n\[hosts\.web1\]\nlmcp_url = "ssh:/);
  assert.equal(await machine.state(), before);
  await succeed(machine, "web1");
  const added = await machine.state();
  assert.doesNotMatch(await succeed(machine, "web1 --dry-run"), /would (copy|install|start|add)/);
  assert.match(await succeed(machine, "web1 --remove --dry-run"), /would remove the agent/);
  assert.equal(await machine.state(), added);
});
