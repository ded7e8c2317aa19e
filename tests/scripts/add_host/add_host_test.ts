import assert from "node:assert/strict";
import { testOnMachine } from "./machine.ts";

const TABLE = (port: number) => `
[hosts.web1]
lmcp_url = "ssh://web1:${port}/mcp"
ssh_host = "web1"
token_file = "tokens/web1"
`;

testOnMachine(
  "add-host.sh adds a host, changes nothing when run again, and removes it",
  async (machine) => {
    const { registry, port, directory } = machine;
    const before = await machine.state();
    const own = await Deno.readTextFile(registry);
    const first = await machine.addHost("web1 --tags lab,gpu");
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /^web1: copied; its checksum is the same there$/m);
    assert.match(
      first.stdout,
      /^web1: no service manager runs there: .* does not come back after a reboot/m,
    );
    assert.match(first.stdout, /^web1: the hub sees it UP over lmcp$/m);
    assert.equal(
      await Deno.readTextFile(registry),
      `${own}${TABLE(port)}tags = ["lab", "gpu"]\n`,
    );
    const token = await machine.sh("cat /etc/lmcp-agent/token");
    assert.match(token, /^[0-9a-f]{64}$/);
    assert.equal(await Deno.readTextFile(`${directory}/registry/tokens/web1`), `${token}\n`);
    assert.equal(
      await machine.sh(
        "stat -c '%a %U' /etc/lmcp-agent/token registry/tokens/web1 registry/tokens",
      ),
      "600 root\n600 root\n700 root\n",
    );
    assert.ok(!`${first.stdout}${first.stderr}`.includes(token));
    const added = await machine.state();
    assert.notEqual(added, before);

    const second = await machine.addHost("web1 --tags lab,gpu");
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stdout, /^web1: nothing to do: it is as it should be$/m);
    assert.equal(await machine.state(), added);

    const removed = await machine.addHost("web1 --remove");
    assert.equal(removed.code, 0, removed.stderr);
    assert.match(removed.stdout, /^web1: removed the agent from web1$/m);
    assert.equal(await machine.state(), before);

    const again = await machine.addHost("web1 --remove");
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /has no host "web1"\n.*\nweb1: no agent is installed there\n$/);
    assert.equal(await machine.state(), before);
  },
);

testOnMachine(
  "add-host.sh has the token in no argument of a process, and in no output",
  async (machine) => {
    const { directory, registry, port, sh } = machine;
    await sh(
      "mkdir -p /etc/lmcp-agent; printf seen-by-nobody >/etc/lmcp-agent/token; chmod 600 /etc/lmcp-agent/token",
    );
    const watching = machine.start(
      "until [ -e ended ]; do cat /proc/[0-9]*/cmdline >>arguments 2>/dev/null; done",
    );
    // Each program that is started is noted as well, however short its life.
    await sh(
      `mkdir noted; for name in cat grep sed awk cut tr printf chmod chown mv cp cmp tail head wc; do
printf '#!/bin/sh\\necho "%s $*" >>%s/arguments\\nexec %s "$@"\\n' $name "$PWD" "$(command -v $name)" >noted/$name
chmod +x noted/$name; cp noted/$name bin/; done; : >>arguments; chmod 666 arguments`,
    );
    const { code, stdout, stderr } = await machine.run(
      `PATH=$PWD/noted:$PATH dist/add-host.sh web1 --registry ${registry} --port ${port}`,
    );
    await sh(": >ended");
    await watching.ended;
    assert.equal(code, 0, stdout + stderr);
    const seen = await Deno.readTextFile(`${directory}/arguments`);
    assert.match(seen, /add-host\.sh/);
    assert.match(seen, /cat \/etc\/lmcp-agent\/token/);
    for (const text of [seen, stdout, stderr]) assert.ok(!text.includes("seen-by-nobody"));
    assert.equal(await Deno.readTextFile(`${directory}/registry/tokens/web1`), "seen-by-nobody\n");
  },
);
